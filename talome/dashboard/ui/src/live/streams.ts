import type { ContainerItem, Job, JobItem, SystemStats } from '@/api/types';
import { type ContainerWorld, foldContainers, foldJobs } from './fold';
import { live } from './index';
import { LiveStream, useStream } from './stream';

const stats = new LiveStream<SystemStats, SystemStats>(live, 'system.stream', { intervalS: 2 }, (_, item) => item);
const containers = new LiveStream<ContainerWorld, ContainerItem>(live, 'containers.stream', {}, foldContainers);
export const jobs = new LiveStream<Job[], JobItem>(live, 'jobs.stream', {}, foldJobs);

/** Each of these follows its stream while a component that uses it is shown; `wanted` false = not at all. */
export const useStats = (wanted = true) => useStream(stats, wanted);
export const useContainers = (wanted = true) => useStream(containers, wanted);
export const useJobs = (wanted = true) => useStream(jobs, wanted);
