import { useEffect } from 'react';
import type { Job } from '@/api/types';

/** What the server names as who began a job that it began itself. */
const BY_ITSELF = 'Talome';

/** What Talome does by itself concerns nobody while it ends well. */
export const isTold = ({ state, startedBy }: Pick<Job, 'state' | 'startedBy'>): boolean => state !== 'done' || startedBy !== BY_ITSELF;

/** The jobs whose progress is open before the person, so that nothing else need tell how they end. */
export const shown = new Set<string>();

export function useShown(job: string): void {
  useEffect(() => {
    shown.add(job);
    return () => void shown.delete(job);
  }, [job]);
}
