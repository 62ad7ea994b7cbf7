import { IconListDetails } from '@tabler/icons-react';
import type { Page } from '@/app/page';

export const page: Page = {
  path: '/audit',
  title: 'audit.title',
  icon: IconListDetails,
  scope: 'audit:read',
  order: 78,
  load: () => import('./AuditPage'),
};
