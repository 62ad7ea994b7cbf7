import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';

/** What a request may name as its model: the three ways of choosing, then every model that something here can answer with. */
export function useModelNames(): string[] {
  const { data } = useQuery({ queryKey: ['ai', 'names'], queryFn: () => unwrap(api.GET('/v1/models')), staleTime: 60_000 });
  return data?.data.map(({ id }) => id) ?? ['auto', 'fast', 'max'];
}
