import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { t } from '@/i18n';
import { ErrorNotice } from './ErrorNotice';

interface Props<T> {
  list: { data: T | undefined; error: unknown; refetch: () => unknown };
  children: (data: T) => ReactNode;
}

/** What was loaded; until then its place, or why it could not be loaded. What was known stays when the source goes away. */
export function Loaded<T>({ list: { data, error, refetch }, children }: Props<T>) {
  if (data !== undefined) return children(data);
  if (error !== null) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  return <Skeleton height={320} radius={14} role="status" aria-label={t('app.loading')} />;
}
