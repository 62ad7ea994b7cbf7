import { describe, expect, it } from 'vitest';
import type { Container, HealthCheck, SystemHealth } from '@/api/types';
import { concerns, REMEDIES } from './attention';

const check = (change: Partial<HealthCheck>): HealthCheck => ({
  id: 'disk:/',
  title: 'Disk /',
  state: 'warning',
  detail: '91 % are used.',
  action: 'Remove something.',
  target: 'clean_up',
  ...change,
});
const health = (...checks: HealthCheck[]): SystemHealth => ({ state: 'warning', sentence: '', checks });
const container = (change: Partial<Container>) =>
  ({ id: 'c', name: 'web', project: null, service: null, state: 'running', health: 'none', exitCode: null, finishedAt: null, ...change }) as Container;

describe('concerns', () => {
  it('are ranked, the worst first, and leave out what is well', () => {
    const found = concerns(health(check({}), check({ id: 'memory', state: 'ok' }), check({ id: 'clock', state: 'critical', target: null })), [
      container({ state: 'exited', exitCode: 1 }),
    ]);
    expect(found.map(({ id }) => id)).toEqual(['check clock', 'c', 'check disk:/']);
  });

  it('each have one button that leads somewhere', () => {
    const [disk, clock] = concerns(health(check({}), check({ id: 'clock', target: null })), []);
    expect(REMEDIES[disk!.target].path).toBe('/system/cleanup');
    expect(REMEDIES[clock!.target].path).toBe('/system');
    const [stopped] = concerns(undefined, [container({ state: 'exited', exitCode: 1 })]);
    expect(stopped).toMatchObject({ remedy: 'start', container: { id: 'c' } });
    const [sick] = concerns(undefined, [container({ health: 'unhealthy' })]);
    expect(sick?.remedy).toBe('log');
  });
});
