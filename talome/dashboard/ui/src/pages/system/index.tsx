import { IconServerCog } from '@tabler/icons-react';
import type { Page } from '@/app/page';

export const page: Page = {
  path: '/system',
  title: 'system.title',
  icon: IconServerCog,
  scope: 'system:read',
  order: 70,
  actions: [{ title: 'search.cleanUp', to: '/system/cleanup', scope: 'containers:read' }],
  load: () => import('./SystemPage'),
  children: [{ path: '/system/$tab', load: () => import('./SystemPage') }],
};
