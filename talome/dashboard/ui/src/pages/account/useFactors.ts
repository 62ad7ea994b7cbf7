import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';

export type SecondFactors = components['schemas']['SecondFactors'];
export type Passkey = components['schemas']['Passkey'];

const KEY = ['auth', 'second-factors'];

/** One's own second factors. A change ends other sessions, so the list of those is asked for anew. */
export function useFactors() {
  const queries = useQueryClient();
  const found = useQuery({ queryKey: KEY, queryFn: () => unwrap(api.GET('/api/auth/second-factors')) });
  const keep = (factors: SecondFactors) => {
    queries.setQueryData(KEY, factors);
    void queries.invalidateQueries({ queryKey: ['auth', 'sessions'] });
  };
  const refresh = () => void queries.invalidateQueries({ queryKey: KEY });
  return { ...found, keep, refresh };
}
