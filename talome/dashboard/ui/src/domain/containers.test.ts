import { describe, expect, it } from 'vitest';
import type { Container } from '@/api/types';
import { appsOf, findContainer, inTrouble, publishedPorts, stateOf, titleOf, urlOf } from './containers';

const container = (change: Partial<Container>): Container => ({
  id: 'a1b2c3d4e5f6'.padEnd(64, '0'),
  name: 'web',
  image: 'nginx',
  imageId: 'sha256:1',
  state: 'running',
  status: 'Up 3 minutes',
  health: 'none',
  exitCode: null,
  createdAt: '2026-11-01T00:00:00Z',
  startedAt: '2026-11-01T00:00:01Z',
  finishedAt: null,
  project: null,
  service: null,
  ports: [],
  networks: [],
  labels: {},
  usage: null,
  stale: false,
  ...change,
});

const port = (host: number | null, inside: number, protocol = 'tcp', address = '0.0.0.0') => ({
  host,
  container: inside,
  protocol,
  address: host === null ? null : address,
});

describe('titleOf', () => {
  it('drops what compose adds to a name', () => {
    expect(titleOf(container({ name: 'immich-server-1', project: 'immich', service: 'server' }))).toBe('immich-server');
    expect(titleOf(container({ name: 'immich_immich-ml_1', project: 'immich', service: 'immich-ml' }))).toBe('immich-ml');
  });

  it('leaves a chosen name alone', () => {
    expect(titleOf(container({ name: 'photos', project: 'immich', service: 'server' }))).toBe('photos');
  });
});

describe('stateOf', () => {
  it('tells an orderly stop from a failure', () => {
    expect(stateOf(container({ state: 'exited', exitCode: 143 })).tone).toBe('idle');
    expect(stateOf(container({ state: 'exited', exitCode: 1 }))).toEqual({ tone: 'danger', label: 'Stopped, code 1' });
  });

  it('puts the health check above the state', () => {
    expect(stateOf(container({ health: 'unhealthy' })).tone).toBe('danger');
    expect(inTrouble(container({ health: 'unhealthy' }))).toBe(true);
    expect(inTrouble(container({ health: 'unhealthy', state: 'exited', exitCode: 0 }))).toBe(false);
  });
});

describe('ports', () => {
  it('counts a port on two addresses once, in order', () => {
    const both = container({ ports: [port(8080, 80), port(8080, 80, 'tcp', '::'), port(53, 53, 'udp'), port(null, 9000)] });
    expect(publishedPorts(both).map(({ host }) => host)).toEqual([53, 8080]);
  });

  it('opens web ports only, and local ones only locally', () => {
    expect(urlOf(port(8443, 443), 'nas.local')).toBe('https://nas.local:8443');
    expect(urlOf(port(2222, 22), 'nas.local')).toBeNull();
    expect(urlOf(port(53, 53, 'udp'), 'nas.local')).toBeNull();
    expect(urlOf(port(9000, 9000, 'tcp', '127.0.0.1'), 'nas.local')).toBeNull();
    expect(urlOf(port(9000, 9000, 'tcp', '127.0.0.1'), 'localhost')).toBe('http://localhost:9000');
  });
});

it('finds a container by id, short id and name', () => {
  const all = [container({ name: 'abc' }), container({ id: 'f'.repeat(64), name: 'other' })];
  expect(findContainer(all, 'f'.repeat(12))?.name).toBe('other');
  expect(findContainer(all, 'abc')?.name).toBe('abc');
  expect(findContainer(all, 'fff')).toBeUndefined();
});

it('names an app after its project when it is the only page of it', () => {
  globalThis.window = { location: { hostname: 'nas' } } as unknown as Window & typeof globalThis;
  const apps = appsOf([
    container({ name: 'immich-server-1', project: 'immich', service: 'server', ports: [port(2283, 2283)] }),
    container({ name: 'immich-redis-1', project: 'immich', service: 'redis', ports: [port(null, 6379)] }),
    container({ name: 'home-assistant', state: 'exited', exitCode: 0, ports: [port(8123, 8123)] }),
  ]);
  expect(apps.map(({ name, url }) => [name, url])).toEqual([
    ['Home Assistant', null],
    ['Immich', 'http://nas:2283'],
  ]);
});
