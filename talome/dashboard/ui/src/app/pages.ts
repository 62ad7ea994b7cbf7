import type { User } from '@/api/types';
import type { Page } from './page';

const found = import.meta.glob<{ page: Page }>('../pages/*/index.tsx', { eager: true });

const all: Page[] = Object.values(found)
  .map((module) => module.page)
  .sort((a, b) => (a.order ?? Infinity) - (b.order ?? Infinity));

export const may = (user: User, scope: string | null): boolean =>
  scope === null || user.scopes.includes('*') || user.scopes.includes(scope);

/** The pages this person may use, in the order of the menu. */
export const pagesFor = (user: User): Page[] => all.filter((page) => may(user, page.scope));
