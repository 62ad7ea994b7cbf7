import { IconSettings } from '@tabler/icons-react';
import type { Page } from '@/app/page';

export const page: Page = {
  path: '/settings',
  title: 'settings.title',
  icon: IconSettings,
  scope: 'settings:read',
  order: 80,
  load: () => import('./SettingsPage'),
};
