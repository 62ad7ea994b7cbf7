import type { AppCategory, AppSummary } from '@/domain/apps';

export interface Filters {
  q: string;
  category: AppCategory | null;
  store: string | null;
  fitting: boolean;
}

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 200) : '');

/** Filters from an address that anybody may have typed. */
export function readFilters(search: Record<string, unknown>, categories: readonly string[]): Filters {
  const category = text(search.category);
  return {
    q: text(search.q),
    category: categories.includes(category) ? (category as AppCategory) : null,
    store: text(search.store) || null,
    fitting: search.fitting === true,
  };
}

/** The same for the address, without what is left at its default. */
export const asSearch = ({ q, category, store, fitting }: Filters) => ({
  ...(q !== '' && { q }),
  ...(category !== null && { category }),
  ...(store !== null && { store }),
  ...(fitting && { fitting }),
});

const plain = (words: string): string => words.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** How well an app fits what was typed: the name counts most, and its beginning more than its middle. 0 = not at all. */
export function rank(app: AppSummary, query: string): number {
  const name = plain(app.name);
  const rest = plain(`${app.appId} ${app.tagline} ${app.developer} ${app.category}`);
  let sum = 0;
  for (const word of plain(query).split(/\s+/).filter(Boolean)) {
    if (name === word) sum += 16;
    else if (name.startsWith(word)) sum += 8;
    else if (name.includes(word)) sum += 4;
    else if (rest.includes(word)) sum += 1;
    else return 0;
  }
  return sum;
}

/** The apps that the filters let through; with a search the best first, else as they came. */
export function narrow(apps: AppSummary[], { q, category, store, fitting }: Filters): AppSummary[] {
  const kept = apps.filter(
    (app) =>
      (category === null || app.category === category) && (store === null || app.store === store) && (!fitting || app.compatible),
  );
  if (q.trim() === '') return kept;
  return kept
    .map((app) => ({ app, score: rank(app, q) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ app }) => app);
}

/** Apps that many homes begin with, in this order, as far as a store has them. */
const BEGINNING = ['immich', 'jellyfin', 'vaultwarden', 'nextcloud', 'home-assistant', 'adguard-home', 'paperless-ngx', 'mealie'];
const SHELF = 6;

export function beginning(apps: AppSummary[]): AppSummary[] {
  const found = BEGINNING.map((id) => apps.find((app) => app.appId === id && app.compatible && app.lacks.length === 0));
  return found.filter((app) => app !== undefined).slice(0, SHELF);
}

export interface Shelf {
  category: AppCategory;
  apps: AppSummary[];
}

/** The apps by category, the fullest first, and what fits nowhere last. */
export function shelves(apps: AppSummary[]): Shelf[] {
  const byCategory = new Map<AppCategory, AppSummary[]>();
  for (const app of apps) byCategory.set(app.category, [...(byCategory.get(app.category) ?? []), app]);
  return [...byCategory]
    .map(([category, members]) => ({ category, apps: members }))
    .sort((a, b) => Number(a.category === 'other') - Number(b.category === 'other') || b.apps.length - a.apps.length);
}
