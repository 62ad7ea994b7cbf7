import { describe, expect, it } from 'vitest';
import type { Container, Job, Usage } from '@/api/types';
import { backoffMs } from './backoff';
import { foldContainers, foldJobs } from './fold';
import { LiveStream } from './stream';
import type { Subscriber } from './socket';

const container = (id: string, change: Partial<Container> = {}) =>
  ({ id, name: id, state: 'running', usage: null, ...change }) as Container;
const usage = { cpuPercent: 4 } as Usage;

describe('foldContainers', () => {
  const world = foldContainers(null, {
    type: 'snapshot',
    containers: [container('b'), container('a')],
    stale: false,
    reason: null,
  });

  it('sorts a snapshot by name', () => {
    expect(world.containers.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('leaves containers alone that did not change', () => {
    const next = foldContainers(world, { type: 'usage', usage: { a: usage } });
    expect(next.containers[0]?.usage).toBe(usage);
    expect(next.containers[1]).toBe(world.containers[1]);
  });

  it('keeps the figures of a container that runs on', () => {
    const used = foldContainers(world, { type: 'usage', usage: { a: usage } });
    const changed = foldContainers(used, { type: 'changed', container: container('a', { status: 'Up' }) });
    expect(changed.containers[0]?.usage).toBe(usage);
    const stopped = foldContainers(used, { type: 'changed', container: container('a', { state: 'exited' }) });
    expect(stopped.containers[0]?.usage).toBeNull();
  });

  it('takes away what is removed and notes that Docker is away', () => {
    const gone = foldContainers(world, { type: 'removed', id: 'a' });
    expect(gone.containers.map(({ id }) => id)).toEqual(['b']);
    expect(foldContainers(world, { type: 'engine', stale: true, reason: 'off' })).toMatchObject({ stale: true, reason: 'off' });
  });
});

it('keeps one entry for each job, the newest first', () => {
  const job = (id: string, createdAt: string, state: Job['state'] = 'running') => ({ id, createdAt, state }) as Job;
  const jobs = foldJobs(null, { type: 'snapshot', jobs: [job('1', '2026-01-01'), job('2', '2026-01-02')] });
  const next = foldJobs(jobs, { type: 'changed', job: job('1', '2026-01-01', 'done') });
  expect(next.map(({ id, state }) => [id, state])).toEqual([
    ['2', 'running'],
    ['1', 'done'],
  ]);
});

it('waits longer each time, but never for long', () => {
  expect(backoffMs(0, () => 1)).toBe(500);
  expect(backoffMs(3, () => 0)).toBe(2_000);
  expect(backoffMs(30, () => 1)).toBe(20_000);
});

it('asks for a stream once, however many look at it', () => {
  const subscribers: Subscriber[] = [];
  const source = {
    subscribe: (subscriber: Subscriber) => {
      subscribers.push(subscriber);
      return () => undefined;
    },
  };
  const stream = new LiveStream<number, number>(source, 'test.stream', { every: 2 }, (sum, item) => (sum ?? 0) + item);
  stream.hold();
  stream.hold();
  expect(subscribers.length).toBe(1);
  expect(subscribers[0]?.arguments()).toEqual({ every: 2 });
  subscribers[0]?.onData(2);
  subscribers[0]?.onData(3);
  expect(stream.get()).toMatchObject({ data: 5, failure: null });
  subscribers[0]?.onError?.({ error: 'You may not.', code: 'forbidden', status: 403 });
  expect(stream.get()).toMatchObject({ data: 5, failure: { status: 403 } });
});
