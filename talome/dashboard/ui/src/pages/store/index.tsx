import { IconBuildingStore } from '@tabler/icons-react';
import type { Page } from '@/app/page';

export const page: Page = {
  path: '/store',
  title: 'store.title',
  icon: IconBuildingStore,
  scope: 'apps:read',
  order: 3,
  actions: [{ title: 'search.addStore', to: '/store/-/sources#add', scope: 'stores:write' }],
  load: () => import('./StorePage'),
  children: [
    { path: '/store/-/sources', load: () => import('./SourcesPage') },
    { path: '/store/-/stacks', load: () => import('./stacks/StacksPage') },
    { path: '/store/-/stacks/$id', load: () => import('./stacks/StackPage') },
    { path: '/store/-/own', load: () => import('./own/OwnAppsPage') },
    { path: '/store/-/own/$id', load: () => import('./own/OwnAppPage') },
    { path: '/store/$id', load: () => import('./StoreAppPage') },
  ],
};
