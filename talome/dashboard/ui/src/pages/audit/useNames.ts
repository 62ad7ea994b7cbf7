import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, unwrap } from '@/api/client';
import { useMay } from '@/app/session';

/** User names by id, of the people there are; empty for a reader who may not see them. */
export function useNames(): ReadonlyMap<string, string> {
  const mayList = useMay('users:read');
  const { data } = useQuery({ queryKey: ['users'], queryFn: () => unwrap(api.GET('/api/users')), enabled: mayList });
  return useMemo(() => new Map((data ?? []).map(({ id, username }) => [id, username])), [data]);
}
