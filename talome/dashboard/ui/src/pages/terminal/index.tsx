import { IconTerminal2 } from '@tabler/icons-react';
import type { Page } from '@/app/page';

export const page: Page = {
  path: '/terminal',
  title: 'terminal.title',
  icon: IconTerminal2,
  scope: 'terminal:write',
  order: 60,
  load: () => import('./TerminalPage'),
  children: [{ path: '/terminal/$id', load: () => import('./TerminalPage') }],
};
