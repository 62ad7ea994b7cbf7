import { Skeleton } from '@mantine/core';
import { IconCpu, IconDatabase, IconServer2, IconWorld, type TablerIcon } from '@tabler/icons-react';
import { useState } from 'react';
import type { SystemStats } from '@/api/types';
import { extremes, type History } from '@/components/history';
import { LineChart } from '@/components/LineChart';
import { t } from '@/i18n';
import { byteParts, bytes, bytesPerSecond, clockTime, percent, percentValue, type Quantity } from '@/i18n/format';
import classes from './Home.module.css';
import { mainDisk, type Series, SPAN_S } from './useFigures';

interface Figure {
  series: Series;
  name: string;
  icon: TablerIcon;
  value: Quantity;
  detail: string;
  max?: number;
  format: (value: number) => string;
}

function figures(stats: SystemStats): Figure[] {
  const { cpu, memory, network } = stats;
  const disk = mainDisk(stats);
  const share = (value: number): Quantity => ({ value: percentValue(value), unit: '%' });
  const load = new Intl.NumberFormat('en', { maximumFractionDigits: 2 }).format(cpu.load[0] ?? 0);
  return [
    {
      series: 'cpu',
      name: t('home.cpu'),
      icon: IconCpu,
      value: share(cpu.percent),
      detail: t('home.cpuDetail', { count: cpu.count, load }),
      max: 100,
      format: percent,
    },
    {
      series: 'memory',
      name: t('home.memory'),
      icon: IconServer2,
      value: share(memory.percent),
      detail: t('home.memoryDetail', { used: bytes(memory.usedBytes), total: bytes(memory.totalBytes) }),
      max: 100,
      format: percent,
    },
    ...(disk
      ? [
          {
            series: 'disk' as const,
            name: t('home.disk'),
            icon: IconDatabase,
            value: share(disk.percent),
            detail: t('home.diskDetail', { free: bytes(disk.freeBytes), total: bytes(disk.totalBytes) }),
            max: 100,
            format: percent,
          },
        ]
      : []),
    {
      series: 'down',
      name: t('home.network'),
      icon: IconWorld,
      value: byteParts(network.rxBytesPerS, true),
      detail: t('home.networkDetail', { up: bytesPerSecond(network.txBytesPerS) }),
      format: bytesPerSecond,
    },
  ];
}

/** The four live figures of the machine, each with its last hour. */
export function Figures({ stats, histories }: { stats: SystemStats; histories: Record<Series, History> }) {
  return (
    <div className={classes.figures}>
      {figures(stats).map((figure) => (
        <FigureCard key={figure.series} figure={figure} history={histories[figure.series]} />
      ))}
    </div>
  );
}

function FigureCard({ figure, history }: { figure: Figure; history: History }) {
  const [pointed, setPointed] = useState<number | null>(null);
  const { name, icon: Icon, value, detail, max, format } = figure;
  const range = extremes(history.values);
  const label = range
    ? t('home.chartOf', { name, low: format(range.low), high: format(range.high) })
    : `${name}. ${t('home.chartEmpty')}`;
  const time = pointed === null ? undefined : history.times[pointed];
  const then = pointed === null ? null : (history.values[pointed] ?? null);
  const past = time !== undefined && then !== null ? `${clockTime(time * 1000)} · ${format(then)}` : null;
  return (
    <section className={classes.figure} aria-label={name}>
      <h3 className={classes.figureName}>
        <Icon size={18} stroke={1.75} aria-hidden />
        {name}
        <span className={classes.past}>{past}</span>
      </h3>
      <p className={classes.figureValue}>
        {value.value}
        <span className={classes.unit}>{value.unit}</span>
      </p>
      <p className={classes.figureDetail}>{detail}</p>
      <div className={classes.figureChart}>
        <LineChart
          times={history.times}
          values={history.values}
          spanS={SPAN_S}
          max={max}
          height={56}
          label={label}
          onPoint={setPointed}
        />
      </div>
    </section>
  );
}

/** The place of the figures while they are on their way. */
export function FiguresSkeleton() {
  return (
    <div className={classes.figures} role="status" aria-label={t('app.loading')}>
      {[0, 1, 2, 3].map((key) => (
        <div key={key} className={classes.figure} aria-hidden>
          <Skeleton height={18} width={96} />
          <Skeleton height={34} width={110} mt={14} />
          <Skeleton height={14} width={140} mt={10} />
          <Skeleton height={48} mt={18} />
        </div>
      ))}
    </div>
  );
}
