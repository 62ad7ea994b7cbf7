import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { FILES, isWithin, type Root, stepsTo, shownName } from '@/domain/files';

/** The folders to begin from, and the favourites. */
export function usePlaces() {
  const roots = useQuery({ queryKey: [FILES, 'roots'], queryFn: () => unwrap(api.GET('/api/files/roots')) });
  const favourites = useQuery({ queryKey: [FILES, 'favourites'], queryFn: () => unwrap(api.GET('/api/files/favourites')) });
  return { roots, favourites };
}

export type Places = ReturnType<typeof usePlaces>;

/** Where the page shows a folder, or a folder with one of its entries marked. */
export const addressOf = (path: string, select?: string) =>
  ({ to: '/files', search: path === '/' ? {} : { path, ...(select === undefined ? {} : { select }) } }) as const;

export const rootOf = (places: Places, path: string): Root | undefined =>
  places.roots.data?.find((root) => isWithin(path, root.path));

/** The folders on the way to a path, the first by the name that it was opened under. */
export const namedSteps = (places: Places, path: string): { path: string; name: string }[] =>
  stepsTo(path).map((step, index) => ({
    path: step.path,
    name: shownName(index === 0 ? (rootOf(places, path)?.name ?? step.name) : step.name),
  }));
