import { SegmentedControl, Skeleton } from '@mantine/core';
import { IconChartLine } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { Metrics } from '@/api/types';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import type { Span } from '@/components/LineChart';
import { useStored } from '@/components/useStored';
import { within } from '@/components/zoom';
import { useWide } from '@/app/useWide';
import { t } from '@/i18n';
import { dayTime } from '@/i18n/format';
import classes from '../System.module.css';
import { CHARTS, known } from './charts';
import { HistoryChart } from './HistoryChart';
import { ZoomButtons } from './ZoomButtons';

const PERIODS = ['1h', '6h', '24h', '7d', '30d'] as const;
type Period = (typeof PERIODS)[number];

const REFRESH_MS = { '1h': 15_000, '6h': 60_000, '24h': 60_000, '7d': 300_000, '30d': 300_000 };

const isPeriod = (text: string): text is Period => PERIODS.some((period) => period === text);

/** What the machine did, up to 30 days back; all charts show the same time and share a marker. */
export default function History() {
  const [{ period: stored }, remember] = useStored<{ period: string }>('system.history', { period: '24h' });
  const period = isPeriod(stored) ? stored : '24h';
  const wide = useWide();
  const metrics = useQuery({
    queryKey: ['metrics', period],
    queryFn: () => unwrap(api.GET('/api/metrics', { params: { query: { period } } })),
    refetchInterval: REFRESH_MS[period],
  });
  return (
    <div className={classes.stack}>
      <SegmentedControl
        aria-label={t('system.period')}
        size={wide ? 'sm' : 'md'}
        fullWidth={!wide}
        className={wide ? classes.start : undefined}
        value={period}
        onChange={(next) => remember({ period: next })}
        data={PERIODS.map((value) => ({ value, label: wide ? t(`system.period${value}`) : value }))}
      />
      {metrics.data === undefined ? (
        metrics.error !== null ? (
          <ErrorNotice what={t('system.loadFailed')} error={metrics.error} onRetry={() => void metrics.refetch()} />
        ) : (
          <Skeleton height={480} radius={14} role="status" aria-label={t('app.loading')} />
        )
      ) : !CHARTS.some((chart) => known(metrics.data, chart.series)) ? (
        <EmptyState
          icon={<IconChartLine size={26} stroke={1.75} />}
          title={t('system.historyEmpty')}
          text={t('system.historyEmptyText')}
        />
      ) : (
        <Charts key={period} metrics={metrics.data} periodName={t(`system.period${period}`)} />
      )}
    </div>
  );
}

function Charts({ metrics, periodName }: { metrics: Metrics; periodName: string }) {
  const [zoom, setZoom] = useState<Span | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const whole: Span = [Date.parse(metrics.fromAt) / 1000, Date.parse(metrics.toAt) / 1000];
  const { stepS } = metrics;
  const shown = zoom ?? whole;
  const view = { whole, shown, stepS, pointed, onPoint: setPointed, onZoom: setZoom };
  const setWithin = (span: Span | null) => setZoom(span && within(whole, stepS, span));
  return (
    <>
      <div className={classes.bar}>
        <span className="dim num" aria-live="polite">
          {zoom === null
            ? t('system.historyHelp')
            : t('chart.part', { from: dayTime(zoom[0] * 1000), to: dayTime(zoom[1] * 1000) })}
        </span>
        <ZoomButtons view={view} zoomed={zoom !== null} />
      </div>
      <div className={classes.grid}>
        {CHARTS.filter((chart) => known(metrics, chart.series)).map((chart) => (
          <HistoryChart
            key={chart.series}
            chart={chart}
            metrics={metrics}
            periodName={periodName}
            view={{ ...view, onZoom: setWithin }}
          />
        ))}
      </div>
    </>
  );
}
