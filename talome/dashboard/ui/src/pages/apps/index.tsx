import { IconLayoutGrid } from '@tabler/icons-react';
import type { Page } from '@/app/page';

export const page: Page = {
  path: '/apps',
  title: 'apps.title',
  icon: IconLayoutGrid,
  scope: 'apps:read',
  order: 2,
  load: () => import('./AppsPage'),
  children: [
    { path: '/apps/$id', load: () => import('./AppPage') },
    { path: '/apps/$id/$tab', load: () => import('./AppPage') },
  ],
};
