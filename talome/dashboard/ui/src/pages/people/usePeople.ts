import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import type { User } from '@/api/types';
import { toast, toastError } from '@/components/toasts';

export type Factors = components['schemas']['UserSecondFactors'];

export const nameOf = (user: User): string => user.displayName ?? user.username;

/** Everybody, and who has a second factor. */
export function usePeople() {
  const queries = useQueryClient();
  const users = useQuery({ queryKey: ['users'], queryFn: () => unwrap(api.GET('/api/users')) });
  const factors = useQuery({
    queryKey: ['users', 'second-factors'],
    queryFn: () => unwrap(api.GET('/api/users/second-factors')),
  });
  const refresh = () => queries.invalidateQueries({ queryKey: ['users'] });

  /** Does something to a person and says so. */
  const act = async (title: string, done: string, send: () => Promise<unknown>): Promise<boolean> => {
    try {
      await send();
      toast({ tone: 'ok', title: done });
      return true;
    } catch (error) {
      toastError(title, error);
      return false;
    } finally {
      void refresh();
    }
  };
  return { users, factors: factors.data, refresh, act };
}
