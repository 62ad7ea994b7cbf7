import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { type Entry, FILES } from '@/domain/files';

type Listing = components['schemas']['Listing'];

/** A folder as far as it has been read; a large one comes in pages, and the first of them is shown at once. */
export interface Folder {
  path: string;
  access: Listing['access'];
  entries: Entry[];
  /** How many there are in all. */
  total: number;
  complete: boolean;
}

const FIRST_PAGE = 1_000;
const PAGE = 10_000;
/** A folder that changes all the time is taken as it comes in the end. */
const MOST_TRIES = 3;

const folderKey = (path: string, hidden: boolean) => [FILES, 'list', path, hidden];

async function read(path: string, hidden: boolean, signal: AbortSignal, onPart: (part: Folder) => void): Promise<Folder> {
  const page = (offset: number) =>
    unwrap(api.GET('/api/files', { params: { query: { path, hidden, offset, limit: offset === 0 ? FIRST_PAGE : PAGE } }, signal }));
  for (let tries = 1; ; tries += 1) {
    let listing = await page(0);
    const { revision } = listing;
    const entries = [...listing.entries];
    const asFolder = (): Folder => ({
      path: listing.path,
      access: listing.access,
      entries: [...entries],
      total: Math.max(listing.total, entries.length),
      complete: listing.nextOffset === null,
    });
    while (listing.nextOffset !== null && (listing.revision === revision || tries === MOST_TRIES)) {
      onPart(asFolder());
      listing = await page(listing.nextOffset);
      entries.push(...listing.entries);
    }
    if (listing.nextOffset === null && (listing.revision === revision || tries === MOST_TRIES)) return asFolder();
  }
}

export function useFolder(path: string, hidden: boolean) {
  const queries = useQueryClient();
  const queryKey = folderKey(path, hidden);
  return useQuery({
    queryKey,
    queryFn: ({ signal }) =>
      read(path, hidden, signal, (part) => {
        // What is known already is not taken away while it is read again.
        if (queries.getQueryData<Folder>(queryKey)?.complete !== true) queries.setQueryData(queryKey, part);
      }),
    // Comparing a hundred thousand entries with those before would take longer than drawing the few that are seen.
    structuralSharing: false,
  });
}

/** Shows something at once that the server has already done. */
export function useFolderChange(path: string, hidden: boolean) {
  const queries = useQueryClient();
  return (change: (entries: Entry[]) => Entry[]) =>
    queries.setQueryData<Folder>(folderKey(path, hidden), (known) => known && { ...known, entries: change(known.entries) });
}
