import type { Entry } from '@/domain/files';

export type Sort = 'name' | 'size' | 'modified' | 'type';

export interface Order {
  sort: Sort;
  descending: boolean;
}

const compare = <V extends string | number>(a: V, b: V): number => (a < b ? -1 : a > b ? 1 : 0);

const BY: Record<Sort, (a: Entry, b: Entry) => number> = {
  name: () => 0,
  size: (a, b) => compare(a.sizeBytes ?? -1, b.sizeBytes ?? -1),
  // All of these times are written in the same way, so their texts are in order too.
  modified: (a, b) => compare(a.modifiedAt, b.modifiedAt),
  type: (a, b) => compare(typeOf(a.name), typeOf(b.name)),
};

/** The ending of a name: 'jpg'. What has none, such as a hidden file, is of no type. */
export const typeOf = (name: string): string => {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : '';
};

/** The entries as the server gives them are folders first, by name; here they are in the order asked for, folders first. */
export function inOrder(entries: readonly Entry[], { sort, descending }: Order): readonly Entry[] {
  if (sort === 'name' && !descending) return entries;
  const put = (some: Entry[]) =>
    sort === 'name' ? some.reverse() : some.sort((a, b) => (descending ? -1 : 1) * BY[sort](a, b));
  const folders = entries.filter(({ kind }) => kind === 'folder');
  return [...put(folders), ...put(entries.filter(({ kind }) => kind !== 'folder'))];
}

/** The ones whose name has every typed word in it. */
export function filtered(entries: readonly Entry[], query: string): readonly Entry[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return entries;
  return entries.filter(({ name }) => {
    const lower = name.toLowerCase();
    return words.every((word) => lower.includes(word));
  });
}
