import { IconHome } from '@tabler/icons-react';
import type { Page } from '@/app/page';

export const page: Page = {
  path: '/',
  title: 'home.title',
  icon: IconHome,
  scope: null,
  order: 1,
  load: () => import('./HomePage'),
};
