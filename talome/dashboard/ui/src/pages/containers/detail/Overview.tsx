import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { api, unwrap } from '@/api/client';
import type { Container } from '@/api/types';
import { useMay } from '@/app/session';
import { ErrorNotice } from '@/components/ErrorNotice';
import { t } from '@/i18n';
import { Connections, HealthLog, Storage } from './Connections';
import { DangerZone } from './DangerZone';
import classes from './Detail.module.css';
import { Environment } from './Environment';
import { Facts } from './Facts';

const UsageCharts = lazy(() => import('./UsageCharts').then((module) => ({ default: module.UsageCharts })));

/** What a container is: its figures, facts, settings, storage and networks; dangerous things last. */
export function Overview({ container }: { container: Container }) {
  const mayChange = useMay('containers:write');
  const detail = useQuery({
    // A change of state or of the name brings new details.
    queryKey: ['containers', container.id, container.state, container.startedAt, container.name, container.health],
    queryFn: () => unwrap(api.GET('/api/containers/{id}', { params: { path: { id: container.id } } })),
    placeholderData: (previous) => (previous?.id === container.id ? previous : undefined),
  });
  return (
    <div className={classes.overview}>
      <Suspense fallback={<Skeleton height={144} radius={14} />}>
        <UsageCharts container={container} />
      </Suspense>
      {detail.error !== null ? (
        <ErrorNotice what={t('container.loadFailed')} error={detail.error} onRetry={() => void detail.refetch()} />
      ) : detail.data === undefined ? (
        <div className={classes.columns} role="status" aria-label={t('app.loading')}>
          <Skeleton height={380} radius={14} />
          <Skeleton height={380} radius={14} />
        </div>
      ) : (
        <div className={classes.columns}>
          <div className={classes.column}>
            <Facts detail={detail.data} />
            <HealthLog detail={detail.data} />
          </div>
          <div className={classes.column}>
            <Storage detail={detail.data} />
            <Connections detail={detail.data} />
            <Environment detail={detail.data} />
          </div>
        </div>
      )}
      {mayChange && <DangerZone container={container} />}
    </div>
  );
}
