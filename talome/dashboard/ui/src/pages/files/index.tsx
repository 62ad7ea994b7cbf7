import { IconFolder } from '@tabler/icons-react';
import type { Page } from '@/app/page';

export const page: Page = {
  path: '/files',
  title: 'files.title',
  icon: IconFolder,
  scope: 'files:read',
  order: 5,
  load: () => import('./FilesPage'),
  children: [{ path: '/files/$view', load: () => import('./FilesPage') }],
};
