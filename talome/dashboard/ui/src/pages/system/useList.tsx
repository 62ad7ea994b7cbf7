import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorNotice } from '@/components/ErrorNotice';
import { t } from '@/i18n';
import { useContainers } from '@/live/streams';

const REFRESH_MS = 15_000;

/** A list that Docker gives, asked for again now and then. */
export function useList<T>(name: string, load: () => Promise<T>) {
  return useQuery({ queryKey: ['system', name], queryFn: load, refetchInterval: REFRESH_MS });
}

interface LoadedProps<T> {
  list: { data: T | undefined; error: unknown; refetch: () => unknown };
  children: (data: T) => ReactNode;
}

/** What was loaded; until then its place, or why it could not be loaded. What was known stays when Docker goes away. */
export function Loaded<T>({ list: { data, error, refetch }, children }: LoadedProps<T>) {
  if (data !== undefined) return children(data);
  if (error !== null) return <ErrorNotice what={t('system.loadFailed')} error={error} onRetry={() => void refetch()} />;
  return <Skeleton height={320} radius={14} role="status" aria-label={t('app.loading')} />;
}

/** Whether Docker is away, and why: the lists then show what was last known. */
export function useOutage(): { away: boolean; reason: string | null } {
  const { data } = useContainers();
  return { away: data?.stale === true, reason: data?.reason ?? null };
}
