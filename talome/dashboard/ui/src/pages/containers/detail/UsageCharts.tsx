import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { Container, Usage } from '@/api/types';
import { extremes, joinHistory } from '@/components/history';
import { LineChart } from '@/components/LineChart';
import { t } from '@/i18n';
import { bytes, bytesPerSecond, percent } from '@/i18n/format';
import classes from './Detail.module.css';

const SPAN_S = 3_600;
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

/** What a container uses now and has used in the last hour. */
export function UsageCharts({ container }: { container: Container }) {
  const usage = container.state === 'running' ? container.usage : null;
  const none = t(container.state === 'running' ? 'container.usageSoon' : 'container.usageEmpty');
  const samples = useSamples(container.id, usage);
  const metrics = useQuery({
    queryKey: ['metrics', '1h', container.id],
    queryFn: () => unwrap(api.GET('/api/metrics', { params: { query: { period: '1h', container: container.id } } })),
    staleTime: 60_000,
  });
  const times = useMemo(() => samples.map(({ at }) => Date.parse(at) / 1000), [samples]);
  return (
    <section className={classes.charts} aria-label={t('container.usage')}>
      {CHARTS.map((chart) => {
        const stored = { times: metrics.data?.at ?? [], values: metrics.data?.series[chart.stored] ?? [] };
        const known = stored.values.length === stored.times.length ? stored : { times: [], values: [] };
        const history = joinHistory(known, times, samples.map(chart.value), SPAN_S);
        const range = extremes(history.values);
        return (
          <div key={chart.name} className={classes.chart}>
            <h2 className={classes.chartName}>{chart.name}</h2>
            <p className={classes.chartValue}>
              {usage === null ? '–' : chart.format(chart.value(usage))}
              <span className={classes.chartDetail}>{usage === null ? none : chart.detail(usage)}</span>
            </p>
            <LineChart
              times={history.times}
              values={history.values}
              spanS={SPAN_S}
              height={64}
              label={
                range
                  ? t('home.chartOf', { name: chart.name, low: chart.format(range.low), high: chart.format(range.high) })
                  : `${chart.name}. ${t('home.chartEmpty')}`
              }
            />
          </div>
        );
      })}
    </section>
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
