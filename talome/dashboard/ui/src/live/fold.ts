import type { Container, ContainerItem, Job, JobItem } from '@/api/types';

export interface ContainerWorld {
  containers: Container[];
  /** True when Docker does not answer and the list is what was last known. */
  stale: boolean;
  reason: string | null;
}

const nothing: ContainerWorld = { containers: [], stale: false, reason: null };

const byName = (a: Container, b: Container) => a.name.localeCompare(b.name);

/** The list of containers after one item of `containers.stream`. Containers that did not change keep their identity. */
export function foldContainers(previous: ContainerWorld | null, item: ContainerItem): ContainerWorld {
  const world = previous ?? nothing;
  switch (item.type) {
    case 'snapshot':
      return { containers: [...item.containers].sort(byName), stale: item.stale, reason: item.reason };
    case 'changed':
      return { ...world, containers: upsert(world.containers, item.container) };
    case 'removed':
      return { ...world, containers: world.containers.filter((each) => each.id !== item.id) };
    case 'usage':
      return {
        ...world,
        containers: world.containers.map((each) => {
          const usage = item.usage[each.id];
          return usage === undefined ? each : { ...each, usage };
        }),
      };
    case 'engine':
      return { ...world, stale: item.stale, reason: item.reason };
  }
}

function upsert(containers: Container[], changed: Container): Container[] {
  const known = containers.find((each) => each.id === changed.id);
  // A change of state carries no figures; those of a container that still runs stay until the next sample.
  const next = changed.usage === null && changed.state === 'running' && known ? { ...changed, usage: known.usage } : changed;
  return known
    ? containers.map((each) => (each.id === changed.id ? next : each)).sort(byName)
    : [...containers, next].sort(byName);
}

const newestFirst = (a: Job, b: Job) => b.createdAt.localeCompare(a.createdAt);

/** The jobs, newest first, after one item of `jobs.stream`. */
export function foldJobs(previous: Job[] | null, item: JobItem): Job[] {
  if (item.type === 'snapshot') return [...item.jobs].sort(newestFirst);
  return [item.job, ...(previous ?? []).filter((each) => each.id !== item.job.id)].sort(newestFirst);
}
