import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { SystemStats } from '@/api/types';
import { type History, joinHistory } from '@/components/history';
import { useStats } from '@/live/streams';

export const SPAN_S = 3_600;

const SERIES = ['cpu', 'memory', 'disk', 'down'] as const;
export type Series = (typeof SERIES)[number];

const STORED: Record<Series, string> = {
  cpu: 'cpu.percent',
  memory: 'memory.percent',
  disk: 'disk.percent',
  down: 'network.rxBytesPerS',
};

type Samples = { times: number[] } & Record<Series, number[]>;

const LIVE: Record<Series, (stats: SystemStats) => number> = {
  cpu: (stats) => stats.cpu.percent,
  memory: (stats) => stats.memory.percent,
  disk: (stats) => mainDisk(stats)?.percent ?? 0,
  down: (stats) => stats.network.rxBytesPerS,
};

/** The disk that the system lives on: the one that must not fill up. */
export const mainDisk = ({ disks }: SystemStats) => disks.find(({ mount }) => mount === '/') ?? disks[0];

/** The newest figures and the last hour of each: stored history first, then what arrives live. */
export function useFigures(wanted: boolean) {
  const { data: stats, at, failure } = useStats(wanted);
  const metrics = useQuery({
    queryKey: ['metrics', '1h'],
    queryFn: () => unwrap(api.GET('/api/metrics', { params: { query: { period: '1h' } } })),
    staleTime: 60_000,
    enabled: wanted,
  });
  const samples = useSamples(stats);
  const histories = useMemo(() => {
    const times = metrics.data?.at ?? [];
    const entries = SERIES.map((name) => {
      const values = metrics.data?.series[STORED[name]] ?? times.map(() => null);
      return [name, joinHistory({ times, values }, samples.times, samples[name], SPAN_S)] as const;
    });
    return Object.fromEntries(entries) as Record<Series, History>;
  }, [metrics.data, samples]);
  return { stats, at, failure, histories };
}

function useSamples(stats: SystemStats | null): Samples {
  const [samples, setSamples] = useState<Samples>({ times: [], cpu: [], memory: [], disk: [], down: [] });
  const last = useRef<SystemStats | null>(null);
  useEffect(() => {
    if (stats === null || stats === last.current) return;
    last.current = stats;
    const time = Date.parse(stats.at) / 1000;
    setSamples((known) => ({
      times: trimmed(known.times, time),
      ...(Object.fromEntries(SERIES.map((name) => [name, trimmed(known[name], LIVE[name](stats))])) as Record<Series, number[]>),
    }));
  }, [stats]);
  return samples;
}

/** An hour of samples every two seconds. */
const MOST = SPAN_S / 2;
const trimmed = (values: number[], next: number) => [...values.slice(-MOST + 1), next];
