import type { User } from '@/api/types';
import type { Page } from './page';

const found = import.meta.glob<{ page: Page }>('../pages/*/index.tsx', { eager: true });

const all: Page[] = Object.values(found)
  .map((module) => module.page)
  .sort((a, b) => (a.order ?? Infinity) - (b.order ?? Infinity));

/** As the server has it: `area:write` includes `area:read`; `area:*` and `*` include what they say. */
export function may(user: User, scope: string | null): boolean {
  if (scope === null) return true;
  const [area, verb] = scope.split(':');
  const enough = ['*', scope, `${area}:*`, ...(verb === 'read' ? [`${area}:write`] : [])];
  return user.scopes.some((held) => enough.includes(held));
}

/** The pages this person may use, in the order of the menu. */
export const pagesFor = (user: User): Page[] => all.filter((page) => may(user, page.scope));
