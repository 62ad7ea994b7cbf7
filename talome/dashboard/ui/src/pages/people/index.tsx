import { IconUsers } from '@tabler/icons-react';
import type { Page } from '@/app/page';

export const page: Page = {
  path: '/people',
  title: 'people.title',
  icon: IconUsers,
  scope: 'users:read',
  order: 75,
  actions: [{ title: 'search.addPerson', to: '/people#add', scope: 'users:write' }],
  load: () => import('./PeoplePage'),
};
