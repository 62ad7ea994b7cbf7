import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { api, unwrap } from '@/api/client';
import type { SystemStats } from '@/api/types';
import { useMay } from '@/app/session';
import { type History, joinHistory } from '@/components/history';
import type { LiveFailure } from '@/live/socket';
import { useStats } from '@/live/streams';

export const SPAN_S = 3_600;
/** An hour of samples, one every two seconds. */
const MOST = SPAN_S / 2;

const SERIES = ['cpu', 'memory', 'disk', 'down'] as const;
export type Series = (typeof SERIES)[number];

const STORED: Record<Series, string> = {
  cpu: 'cpu.percent',
  memory: 'memory.percent',
  disk: 'disk.percent',
  down: 'network.rxBytesPerS',
};

const LIVE: Record<Series, (stats: SystemStats) => number> = {
  cpu: (stats) => stats.cpu.percent,
  memory: (stats) => stats.memory.percent,
  disk: (stats) => mainDisk(stats)?.percent ?? 0,
  down: (stats) => stats.network.rxBytesPerS,
};

/** The disk that the system lives on: the one that must not fill up. */
export const mainDisk = ({ disks }: SystemStats) => disks.find(({ mount }) => mount === '/') ?? disks[0];

interface Feed {
  stats: SystemStats | null;
  /** When they arrived. */
  at: number | null;
  failure: LiveFailure | null;
}

let feed: Feed = { stats: null, at: null, failure: null };
const times: number[] = [];
const values: Record<Series, number[]> = { cpu: [], memory: [], disk: [], down: [] };
const listeners = new Set<() => void>();

function take(next: Feed): void {
  if (next.stats !== null && next.stats !== feed.stats) {
    times.push(Date.parse(next.stats.at) / 1000);
    for (const name of SERIES) values[name].push(LIVE[name](next.stats));
    if (times.length > MOST) for (const list of [times, ...Object.values(values)]) list.splice(0, list.length - MOST);
  }
  feed = next;
  for (const listener of listeners) listener();
}

const listen = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Takes the machine's figures as they come. Only what shows them is drawn anew, and nothing around it. */
export function FigureFeed() {
  const { data, at, failure } = useStats(useMay('system:read'));
  useEffect(() => take({ stats: data, at, failure }), [data, at, failure]);
  return null;
}

export const useFigures = (): Feed => useSyncExternalStore(listen, () => feed);

/** The last hour of one figure: stored history first, then what has arrived since. */
export function useHistory(series: Series, stats: SystemStats | null): History {
  const stored = useQuery({
    queryKey: ['metrics', '1h'],
    queryFn: () => unwrap(api.GET('/api/metrics', { params: { query: { period: '1h' } } })),
    staleTime: 60_000,
    enabled: useMay('system:read'),
  }).data;
  return useMemo(() => {
    const at = stored?.at ?? [];
    const known = stored?.series[STORED[series]] ?? at.map(() => null);
    return joinHistory({ times: at, values: known }, [...times], [...values[series]], SPAN_S);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- new figures are new points
  }, [stored, series, stats]);
}
