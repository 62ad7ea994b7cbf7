/** More at once could not be told apart, and a tab may follow only so many things. */
export const MOST_MERGED = 20;

export const MERGED_PATH = '/containers/-/logs';

/** The address of several logs as one. No container's name can be "-" or hold a comma. */
export const mergedAddress = (names: string[]): string =>
  `${MERGED_PATH}?of=${encodeURIComponent(names.slice(0, MOST_MERGED).join(','))}`;

/** The names in such an address. */
export const mergedNames = (of: unknown): string[] =>
  [...new Set(String(of ?? '').split(',').filter(Boolean))].slice(0, MOST_MERGED);
