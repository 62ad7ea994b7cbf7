import { IconSparkles } from '@tabler/icons-react';
import type { Page } from '@/app/page';

export const page: Page = {
  path: '/ai',
  title: 'ai.title',
  icon: IconSparkles,
  scope: 'gateway:read',
  order: 65,
  load: () => import('./AiPage'),
  children: [{ path: '/ai/$tab', load: () => import('./AiPage') }],
};
