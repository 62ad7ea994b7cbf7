import { IconUser } from '@tabler/icons-react';
import type { Page } from '@/app/page';

export const page: Page = {
  path: '/account',
  title: 'account.title',
  icon: IconUser,
  scope: 'account:read',
  order: 90,
  load: () => import('./AccountPage'),
};
