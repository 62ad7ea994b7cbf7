import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { Container, Usage } from '@/api/types';
import { useMay } from '@/app/session';
import { extremes, type History, joinHistory } from '@/components/history';
import { LineChart } from '@/components/LineChart';
import { useStored } from '@/components/useStored';
import { type PlainKey, t } from '@/i18n';
import { bytes, bytesPerSecond, exactTime, percent } from '@/i18n/format';
import classes from './Detail.module.css';

const PERIODS = { '1h': 3_600, '6h': 21_600, '24h': 86_400, '7d': 604_800, '30d': 2_592_000 } as const;
type Period = keyof typeof PERIODS;

const isPeriod = (text: string): text is Period => text in PERIODS;

const PERIOD_NAMES: Record<Period, PlainKey> = {
  '1h': 'container.period1h',
  '6h': 'container.period6h',
  '24h': 'container.period24h',
  '7d': 'container.period7d',
  '30d': 'container.period30d',
};
const HEIGHT_PX = 96;
const MOST_SAMPLES = 1_800;

interface Chart {
  name: string;
  /** Name of the stored series. */
  stored: string;
  value: (usage: Usage) => number;
  format: (value: number) => string;
  detail: (usage: Usage) => string;
}

const CHARTS: Chart[] = [
  {
    name: t('containers.cpu'),
    stored: 'cpu.percent',
    value: (usage) => usage.cpuPercent,
    format: percent,
    detail: (usage) => t('container.processes', { count: usage.pids }),
  },
  {
    name: t('containers.memory'),
    stored: 'memory.bytes',
    value: (usage) => usage.memoryBytes,
    format: bytes,
    detail: ({ memoryLimitBytes }) =>
      memoryLimitBytes === null ? '' : t('container.limit', { limit: bytes(memoryLimitBytes) }),
  },
  {
    name: t('containers.network'),
    stored: 'network.rxBytesPerS',
    value: (usage) => usage.rxBytesPerS,
    format: bytesPerSecond,
    detail: ({ txBytesPerS }) => t('home.networkDetail', { up: bytesPerSecond(txBytesPerS) }),
  },
];

/** What a container uses now, and has used for an hour or up to 30 days. */
export function UsageCharts({ container }: { container: Container }) {
  const mayHistory = useMay('system:read');
  const [stored, change] = useStored('container', { period: '1h' });
  const period = mayHistory && isPeriod(stored.period) ? stored.period : '1h';
  const usage = container.state === 'running' ? container.usage : null;
  const samples = useSamples(container.id, usage);
  const metrics = useQuery({
    queryKey: ['metrics', period, container.id],
    queryFn: () => unwrap(api.GET('/api/metrics', { params: { query: { period, container: container.id } } })),
    staleTime: 60_000,
    enabled: mayHistory,
  });
  const times = useMemo(() => samples.map(({ at }) => Date.parse(at) / 1000), [samples]);
  return (
    <section aria-label={t('container.usage')}>
      {mayHistory && (
        <SegmentedControl
          className={classes.period}
          size="xs"
          aria-label={t('container.period')}
          value={period}
          onChange={(next) => change({ period: next })}
          data={Object.entries(PERIOD_NAMES).map(([value, key]) => ({ value, label: t(key) }))}
        />
      )}
      <div className={classes.charts}>
        {CHARTS.map((chart) => {
          const values = metrics.data?.series[chart.stored] ?? [];
          const known = values.length === metrics.data?.at.length ? { times: metrics.data.at, values } : { times: [], values: [] };
          const history = joinHistory(known, times, samples.map(chart.value), PERIODS[period]);
          return <UsageChart key={chart.name} chart={chart} container={container} history={history} period={period} />;
        })}
      </div>
    </section>
  );
}

interface ChartProps {
  chart: Chart;
  container: Container;
  history: History;
  period: Period;
}

function UsageChart({ chart, container, history, period }: ChartProps) {
  const [pointed, setPointed] = useState<number | null>(null);
  const usage = container.state === 'running' ? container.usage : null;
  const none = t(container.state === 'running' ? 'container.usageSoon' : 'container.usageEmpty');
  const range = extremes(history.values);
  const at = pointed === null ? undefined : history.times[pointed];
  const value = pointed === null ? null : (history.values[pointed] ?? null);
  const then = at !== undefined && value !== null;
  return (
    <div className={classes.chart}>
      <h2 className={classes.chartName}>{chart.name}</h2>
      <p className={classes.chartValue}>
        {then ? chart.format(value) : usage === null ? '–' : chart.format(chart.value(usage))}
        <span className={classes.chartDetail}>
          {then ? exactTime(new Date(at * 1000).toISOString()) : usage === null ? none : chart.detail(usage)}
        </span>
      </p>
      <LineChart
        times={history.times}
        values={history.values}
        spanS={PERIODS[period]}
        height={HEIGHT_PX}
        onPoint={setPointed}
        label={
          range
            ? t('container.chartOf', { name: chart.name, period: t(PERIOD_NAMES[period]), low: chart.format(range.low), high: chart.format(range.high) })
            : `${chart.name}. ${t('home.chartEmpty')}`
        }
      />
    </div>
  );
}

function useSamples(id: string, usage: Usage | null): Usage[] {
  const [kept, setKept] = useState<{ id: string; samples: Usage[] }>({ id, samples: [] });
  useEffect(() => {
    if (usage === null) return;
    setKept((previous) => {
      const samples = previous.id === id ? previous.samples : [];
      if (samples.at(-1)?.at === usage.at) return previous;
      return { id, samples: [...samples.slice(-MOST_SAMPLES + 1), usage] };
    });
  }, [id, usage]);
  return kept.samples;
}
