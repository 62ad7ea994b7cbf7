import { IconAlertTriangle } from '@tabler/icons-react';
import { type InstalledApp, subjectOf, useLatestJob } from '@/domain/apps';
import { t } from '@/i18n';
import { Going, isGoing, JobLog } from './JobProgress';
import classes from './Parts.module.css';

/** What is being done to an app, whoever began it and wherever; and why the last of it did not work. */
export function AppJob({ app }: { app: InstalledApp }) {
  const job = useLatestJob(subjectOf(app.id));
  if (job === null) return null;
  if (isGoing(job)) {
    return (
      <section className={classes.job} aria-label={job.title}>
        <h2>{job.title}</h2>
        <Going job={job} working={t('app.goesOn')} />
      </section>
    );
  }
  if (job.state !== 'failed') return null;
  return (
    <section className={classes.job} data-tone="danger" aria-label={job.title}>
      <h2>
        <IconAlertTriangle size={18} stroke={1.75} aria-hidden />
        {t('app.lastFailed', { title: job.title })}
      </h2>
      <p className={classes.reason}>{job.reason ?? t('jobs.noReason')}</p>
      <JobLog job={job} />
    </section>
  );
}
