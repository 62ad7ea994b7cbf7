import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { Container } from '@/api/types';
import { useMay } from '@/app/session';
import { HealthLog } from './HealthLog';
import { DangerZone } from './DangerZone';
import classes from './Detail.module.css';
import { DetailPart } from './DetailPart';
import { Facts } from './Facts';

const UsageCharts = lazy(() => import('./UsageCharts').then((module) => ({ default: module.UsageCharts })));

/** What a container is and does: its figures, facts and health; dangerous things last. */
export function Overview({ container }: { container: Container }) {
  const mayChange = useMay('containers:write');
  return (
    <div className={classes.overview}>
      <Suspense fallback={<Skeleton height={190} radius={14} />}>
        <UsageCharts container={container} />
      </Suspense>
      <DetailPart container={container}>
        {(detail) => (
          <>
            <Facts detail={detail} />
            <HealthLog detail={detail} />
          </>
        )}
      </DetailPart>
      {mayChange && <DangerZone container={container} />}
    </div>
  );
}
