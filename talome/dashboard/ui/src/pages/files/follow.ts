import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import type { Job } from '@/api/types';
import { jobs } from '@/live/streams';

const LOOK_MS = 1_000;

const hasEnded = (job: Job): boolean => job.finishedAt !== null;

/** How a job ended. The stream tells; a person who may not see the jobs of others asks for it now and then. */
export function follow(begun: Job): Promise<Job> {
  if (hasEnded(begun)) return Promise.resolve(begun);
  return new Promise((resolve) => {
    const look = () => {
      const now = jobs.get().data?.find(({ id }) => id === begun.id);
      if (now !== undefined && hasEnded(now)) end(now);
    };
    const ask = async () => {
      const params = { path: { id: begun.id } };
      const now = await unwrap(api.GET('/api/jobs/{id}', { params })).catch((error: unknown) =>
        // Who may not see jobs is told nothing; a server that is away is asked again.
        error instanceof ApiError && error.status >= 400 && error.status < 500 ? { ...begun, finishedAt: begun.createdAt } : begun,
      );
      if (hasEnded(now)) end(now);
    };
    const letGo = jobs.hold();
    const deaf = jobs.listen(look);
    const timer = window.setInterval(() => void ask(), LOOK_MS);
    const end = (job: Job) => {
      window.clearInterval(timer);
      deaf();
      letGo();
      resolve(job);
    };
    look();
  });
}
