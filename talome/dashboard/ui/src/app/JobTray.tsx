import { ActionIcon, Popover } from '@mantine/core';
import { IconListCheck } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import type { Job } from '@/api/types';
import { isTold, shown } from '@/components/shownJobs';
import { toast } from '@/components/toasts';
import { t } from '@/i18n';
import { useJobs } from '@/live/streams';
import { isActive, JobRow } from './JobRow';
import classes from './JobTray.module.css';

const SHOWN = 12;

/** Long work, wherever it was started: how far it is, how it ended, and why. */
export function JobTray({ size }: { size: number }) {
  const jobs = useJobs().data;
  useEndings(jobs);
  const active = jobs?.filter(isActive) ?? [];
  return (
    <Popover width="min(380px, calc(100vw - 24px))" position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon size={size} aria-label={t('jobs.open', { count: active.length })} className={classes.button}>
          <IconListCheck size={20} stroke={1.75} />
          {active.length > 0 && (
            <span className={classes.count} aria-hidden>
              {active.length}
            </span>
          )}
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={t('jobs.title')}>
        <h2 className={classes.title} tabIndex={-1} data-autofocus>
          {t('jobs.title')}
        </h2>
        {jobs === null || jobs.length === 0 ? (
          <p className={classes.empty}>{t('jobs.empty')}</p>
        ) : (
          <ul className={classes.list}>
            {jobs.slice(0, SHOWN).map((job) => (
              <JobRow key={job.id} job={job} />
            ))}
          </ul>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

/** Tells how a job ended that was still going when it was last seen here. */
function useEndings(jobs: Job[] | null) {
  const going = useRef(new Set<string>());
  useEffect(() => {
    // The stack's own end tells what became of its apps.
    const ofStack = (jobs ?? []).some(({ id, kind }) => kind === 'stacks.install' && going.current.has(id));
    for (const job of jobs ?? []) {
      if (isActive(job)) going.current.add(job.id);
      else if (going.current.delete(job.id) && !shown.has(job.id) && !(ofStack && job.kind === 'apps.install')) announce(job);
    }
  }, [jobs]);
}

function announce(job: Job) {
  if (!isTold(job)) return;
  if (job.state === 'done') toast({ tone: 'ok', title: t('jobs.finished', { title: job.title }) });
  if (job.state === 'failed') {
    toast({ tone: 'danger', title: t('jobs.broke', { title: job.title }), text: job.reason ?? t('jobs.noReason') });
  }
}
