import { ActionIcon, Button, Progress } from '@mantine/core';
import { IconArrowBackUp, IconCheck, IconClock, IconLoader2, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { Job } from '@/api/types';
import { explain } from '@/components/explain';
import { Time } from '@/components/Time';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { bytes, whole } from '@/i18n/format';
import classes from './JobTray.module.css';

export const isActive = (job: Job): boolean => ['queued', 'running', 'undoing'].includes(job.state);

const ICONS = {
  queued: IconClock,
  running: IconLoader2,
  undoing: IconArrowBackUp,
  done: IconCheck,
  failed: IconX,
  cancelled: IconX,
} as const;

function amount(job: Job): string | null {
  if (job.done === null || job.total === null) return null;
  if (job.unit === 'bytes') return t('jobs.of', { done: bytes(job.done), total: bytes(job.total) });
  return t('jobs.steps', { done: whole(job.done), total: whole(job.total) });
}

const cancel = (job: Job) =>
  unwrap(api.POST('/api/jobs/{id}/cancel', { params: { path: { id: job.id } } })).catch((error: unknown) =>
    toastError(t('jobs.cancel', { title: job.title }), error),
  );

export function JobRow({ job }: { job: Job }) {
  const [logShown, setLogShown] = useState(false);
  const Icon = ICONS[job.state];
  const active = isActive(job);
  const progress = job.done !== null && job.total ? (job.done / job.total) * 100 : null;
  return (
    <li className={classes.job}>
      <Icon className={classes.icon} data-state={job.state} size={18} stroke={2} aria-hidden />
      <div className={classes.body}>
        <div className={classes.name}>{job.title}</div>
        <div className={classes.state}>
          {[t(`jobs.${job.state}`), active ? job.stage : null, active ? amount(job) : null].filter(Boolean).join(' · ')}
          {job.finishedAt !== null && (
            <>
              {' · '}
              <Time iso={job.finishedAt} />
            </>
          )}
        </div>
        {active && (
          <Progress
            size={4}
            mt={6}
            value={progress ?? 100}
            animated={progress === null}
            aria-label={job.title}
            transitionDuration={160}
          />
        )}
        {job.state === 'failed' && (
          <>
            <p className={classes.reason}>{job.reason ?? t('jobs.noReason')}</p>
            <Button size="compact-xs" variant="subtle" aria-expanded={logShown} onClick={() => setLogShown(!logShown)}>
              {t('jobs.showLog')}
            </Button>
            {logShown && <JobLog job={job} />}
          </>
        )}
      </div>
      {active && (
        <ActionIcon size={30} aria-label={t('jobs.cancel', { title: job.title })} onClick={() => void cancel(job)}>
          <IconX size={16} />
        </ActionIcon>
      )}
    </li>
  );
}

function JobLog({ job }: { job: Job }) {
  const log = useQuery({
    queryKey: ['jobs', job.id, 'log'],
    queryFn: () => unwrap(api.GET('/api/jobs/{id}/log', { params: { path: { id: job.id } } })),
  });
  if (log.error !== null) return <p className={classes.reason}>{explain(log.error).why}</p>;
  const text = log.data?.map((line) => line.text).join('\n') ?? t('app.loading');
  return (
    <pre className={classes.log} tabIndex={0} aria-label={t('jobs.log', { title: job.title })}>
      {text === '' ? t('jobs.logEmpty') : text}
    </pre>
  );
}
