import { Button, Progress } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { Job } from '@/api/types';
import { CopyButton } from '@/components/CopyButton';
import { useShown } from '@/components/shownJobs';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { bytes, whole } from '@/i18n/format';
import { useJobs } from '@/live/streams';
import classes from './Parts.module.css';

const GOING = ['queued', 'running', 'undoing'];
const LOOK_MS = 1_500;

export const isGoing = ({ state }: Job): boolean => GOING.includes(state);

/** The job as the stream tells of it; what the request answered until then. */
export function useJob(first: Job): Job {
  return useJobs().data?.find(({ id }) => id === first.id) ?? first;
}

interface Ending {
  title: string;
  text: string;
  actions: ReactNode;
}

interface Props {
  job: Job;
  working: string;
  done: Ending;
  broken: Ending;
}

/** How far a job is; at its end what became of it, and what to do now. */
export function JobProgress({ job, working, done, broken }: Props) {
  useShown(job.id);
  if (job.state === 'done') {
    return (
      <section className={classes.ending} role="status">
        <IconCircleCheck className={classes.well} size={40} stroke={1.5} aria-hidden />
        <h3>{done.title}</h3>
        <p>{done.text}</p>
        <div className={classes.actions}>{done.actions}</div>
      </section>
    );
  }
  if (!isGoing(job)) {
    const reason = job.state === 'cancelled' ? t('progress.cancelled') : (job.reason ?? t('jobs.noReason'));
    return (
      <section className={classes.ending} role="alert">
        <IconAlertTriangle className={classes.badly} size={40} stroke={1.5} aria-hidden />
        <h3>{broken.title}</h3>
        <p className={classes.reason}>{reason}</p>
        <p>{broken.text}</p>
        <JobLog job={job} unfolded />
        <div className={classes.actions}>{broken.actions}</div>
      </section>
    );
  }
  return <Going job={job} working={working} />;
}

function amount({ done, total, unit }: Job): string | null {
  if (done === null || total === null || total === 0) return null;
  return unit === 'bytes'
    ? t('jobs.of', { done: bytes(done), total: bytes(total) })
    : t('jobs.steps', { done: whole(done), total: whole(total) });
}

/** How far it is, with its log and the way to stop it. */
export function Going({ job, working }: { job: Job; working: string }) {
  const part = job.done !== null && job.total ? (job.done / job.total) * 100 : null;
  const [stopping, setStopping] = useState(false);
  const stop = async () => {
    setStopping(true);
    try {
      await unwrap(api.POST('/api/jobs/{id}/cancel', { params: { path: { id: job.id } } }));
    } catch (error) {
      toastError(t('progress.cancelFailed'), error);
      setStopping(false);
    }
  };
  return (
    <section className={classes.going}>
      <div className={classes.stage} aria-live="polite">
        <strong>{job.stage ?? t(`progress.${job.state === 'queued' ? 'queued' : job.state === 'undoing' ? 'undoing' : 'running'}`)}</strong>
        <span className="num">{amount(job)}</span>
      </div>
      <Progress size={8} radius="xl" value={part ?? 100} animated={part === null} aria-label={job.title} transitionDuration={160} />
      <p className={classes.small}>{working}</p>
      <JobLog job={job} />
      <div className={classes.actions}>
        <Button variant="default" loading={stopping} onClick={() => void stop()}>
          {t('progress.cancel')}
        </Button>
      </div>
    </section>
  );
}

export function JobLog({ job, unfolded = false }: { job: Job; unfolded?: boolean }) {
  const [shown, setShown] = useState(unfolded);
  const log = useQuery({
    queryKey: ['jobs', job.id, 'log', job.state],
    queryFn: () => unwrap(api.GET('/api/jobs/{id}/log', { params: { path: { id: job.id } } })),
    enabled: shown,
    refetchInterval: isGoing(job) ? LOOK_MS : false,
  });
  const text = log.data?.map((line) => line.text).join('\n') ?? '';
  return (
    <details className={classes.fold} open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>{t('progress.log')}</summary>
      <pre className={classes.code} tabIndex={0} aria-label={t('progress.log')}>
        {text === '' ? t('progress.logEmpty') : text}
      </pre>
      {text !== '' && <CopyButton text={text} />}
    </details>
  );
}
