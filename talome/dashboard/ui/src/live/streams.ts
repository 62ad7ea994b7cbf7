import type { Job, SystemStats } from '@/api/types';
import { type ContainerItem, type ContainerWorld, foldContainers, foldJobs, type JobItem } from './fold';
import { live } from './index';
import { LiveStream, useStream } from './stream';

const stats = new LiveStream<SystemStats, SystemStats>(live, 'system.stream', { intervalS: 2 }, (_, item) => item);
const containers = new LiveStream<ContainerWorld, ContainerItem>(live, 'containers.stream', {}, foldContainers);
const jobs = new LiveStream<Job[], JobItem>(live, 'jobs.stream', {}, foldJobs);

export const useStats = () => useStream(stats);
export const useContainers = () => useStream(containers);
export const useJobs = () => useStream(jobs);

/** The jobs as they are now, for code outside of components. */
export const watchJobs = (listener: (all: Job[]) => void): (() => void) =>
  jobs.listen(() => listener(jobs.get().data ?? []));
