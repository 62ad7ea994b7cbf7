import { IconBell } from '@tabler/icons-react';
import type { Page } from '@/app/page';

export const page: Page = {
  path: '/notifications',
  title: 'notifications.title',
  icon: IconBell,
  scope: 'notifications:read',
  load: () => import('./NotificationsPage'),
};
