import { Modal } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Job } from '@/api/types';
import { useWide } from '@/app/useWide';
import { t } from '@/i18n';
import { useJob } from './JobProgress';

interface Props {
  title: string;
  size: number;
  /** A job that goes on already, such as one that another tab began. */
  going?: Job | null;
  onClose: () => void;
  /** Asks what is to be done, and hands over the job once it is begun. */
  ask: (onBegun: (job: Job) => void) => ReactNode;
  /** Shows how far it is; the second asks anew. */
  follow: (job: Job, onRetry: () => void) => ReactNode;
}

/** The one frame of work on an app: first the questions, then the work itself. */
export function JobDialog({ title, size, going = null, onClose, ask, follow }: Props) {
  const wide = useWide();
  const [job, setJob] = useState<Job | null>(going);
  if (job === null && going !== null) setJob(going);
  return (
    <Modal
      opened
      onClose={onClose}
      size={size}
      fullScreen={!wide}
      title={title}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {job === null ? ask(setJob) : <Followed first={job}>{(now) => follow(now, () => setJob(null))}</Followed>}
    </Modal>
  );
}

function Followed({ first, children }: { first: Job; children: (job: Job) => ReactNode }) {
  return children(useJob(first));
}
