import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { Board, Place } from '@/api/types';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';

export const BOARD = ['widgets'];

const first: [string, Place['size']][] = [
  ['launcher', 'full'],
  ['attention', 'full'],
  ['cpu', 'small'],
  ['memory', 'small'],
  ['disk', 'small'],
  ['network', 'small'],
  ['sensors', 'full'],
  ['activity', 'full'],
];

/** What is shown while the server does not say how this person has arranged the page. */
export const firstBoard: Board = {
  places: first.map(([name, size]) => ({ id: `builtin:${name}`, size, shown: true })),
  widgets: [],
  arranged: false,
};

/** The cards of this person and where they stand. */
export const useBoard = () =>
  useQuery({ queryKey: BOARD, queryFn: () => unwrap(api.GET('/api/widgets')), staleTime: 60_000 });

/** One change at a time, so that the last one made is the last one kept. */
let saving: Promise<unknown> = Promise.resolve();
let latest = 0;

/** Shows an arrangement at once and keeps it on the server; an empty one is the first arrangement. */
export function useArrange() {
  const queries = useQueryClient();
  return async (places: Place[]): Promise<void> => {
    const before = queries.getQueryData<Board>(BOARD);
    await queries.cancelQueries({ queryKey: BOARD });
    if (before !== undefined && places.length > 0) queries.setQueryData<Board>(BOARD, { ...before, places, arranged: true });
    const own = ++latest;
    // Kept alive: whoever closes the page right after dropping a card has arranged it nevertheless.
    const request = saving.then(() => unwrap(api.PUT('/api/widgets/layout', { body: { places }, keepalive: true })));
    saving = request.catch(() => undefined);
    try {
      const kept = await request;
      // An answer that was overtaken by the next change would show the page as it was a moment ago.
      if (own === latest) queries.setQueryData<Board>(BOARD, kept);
    } catch (error) {
      toastError(t('home.notArranged'), error);
      await queries.invalidateQueries({ queryKey: BOARD, exact: true });
    }
  };
}
