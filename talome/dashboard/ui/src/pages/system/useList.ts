import { useQuery } from '@tanstack/react-query';
import { useContainers } from '@/live/streams';

const REFRESH_MS = 15_000;

/** A list that Docker gives, asked for again now and then. */
export function useList<T>(name: string, load: () => Promise<T>) {
  return useQuery({ queryKey: ['system', name], queryFn: load, refetchInterval: REFRESH_MS });
}

/** Whether Docker is away, and why: the lists then show what was last known. */
export function useOutage(): { away: boolean; reason: string | null } {
  const { data } = useContainers();
  return { away: data?.stale === true, reason: data?.reason ?? null };
}
