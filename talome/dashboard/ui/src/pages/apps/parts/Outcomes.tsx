import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconLoader2 } from '@tabler/icons-react';
import type { Job } from '@/api/types';
import type { BulkResult, InstalledApp } from '@/domain/apps';
import { t } from '@/i18n';
import { isGoing, useJob } from './JobProgress';
import classes from './Parts.module.css';

interface Props {
  apps: InstalledApp[];
  results: BulkResult[];
  onClose: () => void;
}

/** How far each of several apps is; one that does not work says why, and the others go on. */
export function Outcomes({ apps, results, onClose }: Props) {
  return (
    <section className={classes.outcomes}>
      <ul aria-live="polite">
        {results.map(({ id, job, error }) => {
          const name = apps.find((app) => app.id === id)?.name ?? id;
          return job === null ? (
            <Outcome key={id} name={name} tone="danger" words={error ?? t('jobs.noReason')} />
          ) : (
            <Followed key={id} name={name} first={job} />
          );
        })}
      </ul>
      <p className={classes.small}>{t('app.goesOn')}</p>
      <div className={classes.actions}>
        <Button onClick={onClose}>{t('action.close')}</Button>
      </div>
    </section>
  );
}

function Followed({ name, first }: { name: string; first: Job }) {
  const job = useJob(first);
  if (isGoing(job)) return <Outcome name={name} tone="going" words={job.stage ?? t('progress.queued')} />;
  if (job.state === 'done') return <Outcome name={name} tone="ok" words={t('app.updateDone', { name })} />;
  return <Outcome name={name} tone="danger" words={`${t('app.updateBroke', { name })}: ${job.reason ?? t('jobs.noReason')}`} />;
}

const ICONS = { ok: IconCircleCheck, danger: IconAlertTriangle, going: IconLoader2 } as const;

function Outcome({ name, tone, words }: { name: string; tone: keyof typeof ICONS; words: string }) {
  const Icon = ICONS[tone];
  return (
    <li data-tone={tone}>
      <Icon size={20} stroke={1.75} aria-hidden />
      <div>
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <p>{words}</p>
      </div>
    </li>
  );
}
