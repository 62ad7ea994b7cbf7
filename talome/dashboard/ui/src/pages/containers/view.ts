import type { Container } from '@/api/types';
import { inTrouble, isRunning, stateOf, titleOf, type Tone } from '@/domain/containers';

export type Filter = 'all' | 'running' | 'stopped' | 'trouble';
export type Column = 'name' | 'state' | 'cpu' | 'memory' | 'network' | 'since';

export interface View {
  filter: Filter;
  sort: Column;
  descending: boolean;
  grouped: boolean;
  /** Projects that are folded away; "" is that of containers without one. */
  folded: string[];
}

export interface Group {
  /** The project, or null for containers that belong to none. */
  project: string | null;
  containers: Container[];
}

export const initialView: View = { filter: 'all', sort: 'name', descending: false, grouped: false, folded: [] };

const FITS: Record<Filter, (container: Container) => boolean> = {
  all: () => true,
  running: isRunning,
  stopped: (container) => !isRunning(container),
  trouble: inTrouble,
};

export function countByFilter(containers: Container[]): Record<Filter, number> {
  const count = (filter: Filter) => containers.filter(FITS[filter]).length;
  return { all: containers.length, running: count('running'), stopped: count('stopped'), trouble: count('trouble') };
}

/** Whether every typed word occurs in what a person knows of a container. */
function matches(container: Container, words: string[]): boolean {
  const ports = container.ports.map(({ host, container: inside }) => `${host ?? ''} ${inside}`).join(' ');
  const { name, image, project, service } = container;
  const text = [name, image, project, service, ports, stateOf(container).label].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}

const URGENCY: Record<Tone, number> = { danger: 0, warn: 1, info: 2, ok: 3, idle: 4 };

/** Ascending order of each column. What has no figure is the smallest. */
const KEYS: Record<Column, (container: Container) => number | string> = {
  name: (container) => titleOf(container).toLowerCase(),
  state: (container) => URGENCY[stateOf(container).tone],
  cpu: ({ usage }) => usage?.cpuPercent ?? -1,
  memory: ({ usage }) => usage?.memoryBytes ?? -1,
  network: ({ usage }) => (usage ? usage.rxBytesPerS + usage.txBytesPerS : -1),
  since: (container) => -Date.parse(sinceOf(container)),
};

/** Since when the container is what it is. */
export const sinceOf = ({ state, startedAt, finishedAt, createdAt }: Container): string =>
  (state === 'exited' || state === 'dead' ? finishedAt : startedAt) ?? createdAt;

/** The containers that a view shows, in its order. Equal ones stay in the order of their names. */
export function arrange(containers: Container[], view: View, query: string): Container[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const key = KEYS[view.sort];
  const direction = view.descending ? -1 : 1;
  return containers
    .filter((container) => FITS[view.filter](container) && matches(container, words))
    .sort((a, b) => direction * compare(key(a), key(b)) || compare(KEYS.name(a), KEYS.name(b)));
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'string' && typeof b === 'string') return a.localeCompare(b, undefined, { numeric: true });
  return Number(a) - Number(b);
}

/** Projects by name, those on their own last. */
export function groupByProject(containers: Container[]): Group[] {
  const groups = new Map<string | null, Container[]>();
  for (const container of containers) {
    const known = groups.get(container.project);
    if (known) known.push(container);
    else groups.set(container.project, [container]);
  }
  return [...groups]
    .map(([project, members]) => ({ project, containers: members }))
    .sort((a, b) => (a.project === null ? 1 : b.project === null ? -1 : a.project.localeCompare(b.project)));
}

/** Numbers are looked at from the largest down, names from A. */
export const startsDescending = (column: Column): boolean => column === 'cpu' || column === 'memory' || column === 'network';
