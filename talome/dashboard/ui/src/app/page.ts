import type { TablerIcon } from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { PlainKey } from '@/i18n';

type Load = () => Promise<{ default: ComponentType }>;

/** What `src/pages/<name>/index.tsx` exports as `page`. Nothing else in the dashboard has to know a page by name. */
export interface Page {
  path: string;
  title: PlainKey;
  icon: TablerIcon;
  /** The right a person needs to see it; null = everyone who is signed in. */
  scope: string | null;
  /** Place in the menu; pages without one are reached in another way. */
  order?: number;
  load: Load;
  /** What can be begun on this page, for the search; `to` may have a hash. */
  actions?: { title: PlainKey; to: string; scope: string }[];
  /** Further addresses of the same page, such as a detail. */
  children?: { path: string; load: Load }[];
}
