import { expect, it } from 'vitest';
import type { Container, Usage } from '@/api/types';
import { sameButUsage } from './usage';
import { visible } from './useWindow';
import { arrange, countByFilter, groupByProject, initialView } from './view';

const named = (name: string, change: Partial<Container> = {}): Container =>
  ({
    id: name,
    name,
    image: 'image',
    state: 'running',
    health: 'none',
    exitCode: null,
    createdAt: '2026-11-01T00:00:00Z',
    startedAt: '2026-11-01T00:00:00Z',
    finishedAt: null,
    project: null,
    service: null,
    ports: [],
    usage: null,
    ...change,
  }) as Container;

const using = (cpuPercent: number): Usage => ({ cpuPercent }) as Usage;
const names = (containers: Container[]) => containers.map(({ name }) => name);

const all = [
  named('web2', { usage: using(5), ports: [{ host: 8080, container: 80, protocol: 'tcp', address: null }] }),
  named('web10', { usage: using(50), project: 'site' }),
  named('old', { state: 'exited', exitCode: 0, project: 'site' }),
  named('broken', { state: 'exited', exitCode: 1 }),
];

it('sorts names as people count and figures with the idle ones last', () => {
  expect(names(arrange(all, initialView, ''))).toEqual(['broken', 'old', 'web2', 'web10']);
  const busiest = arrange(all, { ...initialView, sort: 'cpu', descending: true }, '');
  expect(names(busiest)).toEqual(['web10', 'web2', 'broken', 'old']);
});

it('finds by every typed word, ports included', () => {
  expect(names(arrange(all, initialView, 'WEB 8080'))).toEqual(['web2']);
  expect(names(arrange(all, initialView, 'site'))).toEqual(['old', 'web10']);
});

it('filters and counts by state', () => {
  expect(names(arrange(all, { ...initialView, filter: 'trouble' }, ''))).toEqual(['broken']);
  expect(countByFilter(all)).toEqual({ all: 4, running: 2, stopped: 2, trouble: 1 });
});

it('groups by project with the rest last', () => {
  expect(groupByProject(all).map(({ project, containers }) => [project, containers.length])).toEqual([
    ['site', 2],
    [null, 2],
  ]);
});

it('draws of a long list what is on the screen', () => {
  const list = Array.from({ length: 500 }, (_, index) => index);
  const { before, items, after } = visible(list, () => 60, 6_000, 7_200);
  expect([before, items[0], items.at(-1), after]).toEqual([6_000, 100, 119, 22_800]);
  expect(before + items.length * 60 + after).toBe(30_000);
  expect(visible(list, () => 60, 0, Infinity).items.length).toBe(500);
});

it('takes a container for the same while only its figures change', () => {
  const before = named('web', { usage: using(1) });
  expect(sameButUsage(before, { ...before, usage: using(2) })).toBe(true);
  expect(sameButUsage(before, { ...before, state: 'exited' })).toBe(false);
});
