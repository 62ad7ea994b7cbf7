import { IconBrain } from '@tabler/icons-react';
import type { Page } from '@/app/page';

export const page: Page = {
  path: '/memory',
  title: 'memory.title',
  icon: IconBrain,
  scope: 'memory:read',
  order: 64,
  load: () => import('./MemoryPage'),
  children: [
    { path: '/memory/$tab', load: () => import('./MemoryPage') },
    { path: '/memory/notes/$id', load: () => import('./notes/NotePage') },
    { path: '/memory/sources/$id', load: () => import('./sources/SourcePage') },
  ],
};
