import { Skeleton } from '@mantine/core';
import { ApiError } from '@/api/errors';
import { ErrorNotice } from '@/components/ErrorNotice';
import { t } from '@/i18n';
import { useStats } from '@/live/streams';
import classes from '../System.module.css';
import { Disks, Memory, Processor, Traffic } from './Figures';
import { Graphics } from './Graphics';
import { Health } from './Health';
import { Machine } from './Machine';
import { Temperatures } from './Temperatures';

/** How the machine is, what it is doing, and what it is. */
export default function Overview() {
  const { data: stats, failure } = useStats();
  return (
    <div className={classes.stack}>
      <Health />
      {failure !== null && stats === null ? (
        <ErrorNotice
          what={t('system.loadFailed')}
          error={new ApiError(failure.error, failure.status, failure.code)}
        />
      ) : stats === null ? (
        <div className={classes.grid} role="status" aria-label={t('app.loading')}>
          {[0, 1, 2, 3].map((key) => (
            <Skeleton key={key} height={180} radius={14} />
          ))}
        </div>
      ) : (
        <>
          <div className={classes.grid}>
            <Processor stats={stats} />
            <Memory stats={stats} />
          </div>
          <Traffic stats={stats} />
          <div className={classes.grid}>
            <Disks stats={stats} />
            <div className={classes.stack}>
              <Temperatures stats={stats} />
              <Graphics />
            </div>
          </div>
        </>
      )}
      <Machine />
    </div>
  );
}
