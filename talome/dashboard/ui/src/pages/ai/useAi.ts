import { useQuery } from '@tanstack/react-query';

const REFRESH_MS = 30_000;

/** Something of the gateway, asked for again now and then. */
export function useAi<T>(name: string, load: () => Promise<T>, given: unknown = null) {
  return useQuery({ queryKey: ['ai', name, given], queryFn: load, refetchInterval: REFRESH_MS });
}
