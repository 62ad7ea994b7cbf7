import { Button, CloseButton, Progress } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Job } from '@/api/types';
import { t } from '@/i18n';
import { useJobs } from '@/live/streams';
import classes from '../System.module.css';
import { useTrash } from './useTrash';

const isActive = ({ finishedAt }: Job): boolean => finishedAt === null;

/** How the clean-up goes and how it ended, with the way back for the volumes. */
export function Result({ jobIds, onClose }: { jobIds: string[]; onClose: () => void }) {
  const queries = useQueryClient();
  const jobs = (useJobs().data ?? []).filter(({ id }) => jobIds.includes(id));
  const active = jobs.filter(isActive);
  const ended = jobs.length === jobIds.length && active.length === 0;
  const { list, restore } = useTrash();
  useEffect(() => {
    if (ended && jobIds.length > 0) void queries.invalidateQueries({ queryKey: ['system'] });
  }, [ended, jobIds, queries]);
  if (jobIds.length === 0) return null;

  const failed = jobs.filter(({ state }) => state === 'failed' || state === 'cancelled');
  const state = !ended ? 'running' : failed.length > 0 ? 'failed' : 'done';
  const inTrash = (list.data ?? []).filter(({ jobId, nameTaken }) => jobId !== null && jobIds.includes(jobId) && !nameTaken);
  const steps = active.map(({ stage }) => stage).filter(Boolean);
  return (
    <section className={classes.result} data-state={state} role="status">
      <div className={classes.sumWords}>
        <strong>{t(state === 'running' ? 'cleanup.running' : state === 'failed' ? 'cleanup.broke' : 'cleanup.done')}</strong>
        {steps.length > 0 && <p>{steps.join(' · ')}</p>}
        {failed.map((job) => (
          <p key={job.id}>{`${job.title}: ${job.reason ?? t('jobs.noReason')}`}</p>
        ))}
        {state !== 'running' && inTrash.length > 0 && <p>{t('cleanup.inTrash', { count: inTrash.length })}</p>}
        {state === 'running' && <Progress size={4} mt={8} value={share(jobs)} aria-label={t('cleanup.running')} />}
      </div>
      {state !== 'running' && inTrash.length > 0 && (
        <Button
          variant="default"
          leftSection={<IconArrowBackUp size={16} stroke={1.75} />}
          onClick={() => {
            for (const volume of inTrash) void restore(volume);
            onClose();
          }}
        >
          {t('cleanup.putBack')}
        </Button>
      )}
      {state !== 'running' && <CloseButton aria-label={t('action.dismiss')} onClick={onClose} />}
    </section>
  );
}

/** How far all of them are together, 0 to 100. */
function share(jobs: Job[]): number {
  const total = jobs.reduce((sum, job) => sum + (job.total ?? 1), 0);
  const done = jobs.reduce((sum, job) => sum + (isActive(job) ? (job.done ?? 0) : (job.total ?? 1)), 0);
  return total === 0 ? 0 : (100 * done) / total;
}
