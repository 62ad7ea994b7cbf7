import { IconBox } from '@tabler/icons-react';
import type { Page } from '@/app/page';
import { MERGED_PATH } from './logs/merged';

export const page: Page = {
  path: '/containers',
  title: 'containers.title',
  icon: IconBox,
  scope: 'containers:read',
  order: 4,
  load: () => import('./ContainersPage'),
  children: [
    { path: MERGED_PATH, load: () => import('./logs/MergedPage') },
    { path: '/containers/$id/{-$tab}', load: () => import('./detail/ContainerPage') },
  ],
};
