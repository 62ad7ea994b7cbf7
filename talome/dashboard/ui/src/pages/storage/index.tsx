import { IconChartTreemap } from '@tabler/icons-react';
import type { Page } from '@/app/page';

export const page: Page = {
  path: '/storage',
  title: 'storage.title',
  icon: IconChartTreemap,
  scope: 'storage:read',
  order: 68,
  load: () => import('./StoragePage'),
  children: [{ path: '/storage/$tab', load: () => import('./StoragePage') }],
};
