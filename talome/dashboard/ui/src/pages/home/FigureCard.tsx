import { IconCpu, IconDatabase, IconServer2, IconWorld, type TablerIcon } from '@tabler/icons-react';
import { Skeleton } from '@mantine/core';
import { useState } from 'react';
import type { Place, SystemStats } from '@/api/types';
import { extremes } from '@/components/history';
import { LineChart } from '@/components/LineChart';
import { t } from '@/i18n';
import { byteParts, bytes, bytesPerSecond, clockTime, decimal, percent, percentValue, type Quantity } from '@/i18n/format';
import { mainDisk, type Series, SPAN_S, useFigures, useHistory } from './figureFeed';
import classes from './Home.module.css';

interface Figure {
  name: string;
  icon: TablerIcon;
  value: Quantity;
  detail: string;
  max?: number;
  format: (value: number) => string;
}

const share = (value: number): Quantity => ({ value: percentValue(value), unit: '%' });

const FIGURES: Record<Series, (stats: SystemStats) => Figure> = {
  cpu: ({ cpu }) => ({
    name: t('home.cpu'),
    icon: IconCpu,
    value: share(cpu.percent),
    detail: t('home.cpuDetail', {
      count: cpu.count,
      load: decimal(cpu.load[0] ?? 0),
    }),
    max: 100,
    format: percent,
  }),
  memory: ({ memory }) => ({
    name: t('home.memory'),
    icon: IconServer2,
    value: share(memory.percent),
    detail: t('home.memoryDetail', { used: bytes(memory.usedBytes), total: bytes(memory.totalBytes) }),
    max: 100,
    format: percent,
  }),
  disk: (stats) => {
    const disk = mainDisk(stats);
    return {
      name: t('home.disk'),
      icon: IconDatabase,
      value: share(disk?.percent ?? 0),
      detail: disk ? t('home.diskDetail', { free: bytes(disk.freeBytes), total: bytes(disk.totalBytes) }) : '',
      max: 100,
      format: percent,
    };
  },
  down: ({ network }) => ({
    name: t('home.network'),
    icon: IconWorld,
    value: byteParts(network.rxBytesPerS, true),
    detail: t('home.networkDetail', { up: bytesPerSecond(network.txBytesPerS) }),
    format: bytesPerSecond,
  }),
};

interface Props {
  series: Series;
  size: Place['size'];
}

/** A live figure of the machine: the number, what it means, and its last hour. */
export function FigureCard({ series, size }: Props) {
  const { stats, failure } = useFigures();
  const history = useHistory(series, stats);
  const [pointed, setPointed] = useState<number | null>(null);
  if (stats === null) return failure === null ? <FigureSkeleton /> : <p className={classes.figure}>{failure.error}</p>;
  const { name, icon: Icon, value, detail, max, format } = FIGURES[series](stats);
  const range = extremes(history.values);
  const label = range
    ? t('home.chartOf', { name, low: format(range.low), high: format(range.high) })
    : `${name}. ${t('home.chartEmpty')}`;
  const time = pointed === null ? undefined : history.times[pointed];
  const then = pointed === null ? null : (history.values[pointed] ?? null);
  const past = time !== undefined && then !== null ? `${clockTime(time * 1000)} · ${format(then)}` : null;
  return (
    <section className={classes.figure} aria-label={name}>
      <h2 className={classes.figureName}>
        <Icon size={18} stroke={1.75} aria-hidden />
        {name}
        <span className={classes.past}>{past}</span>
      </h2>
      <p className={classes.figureValue}>
        {value.value}
        <span className={classes.unit}>{value.unit}</span>
      </p>
      <p className={classes.figureDetail}>{detail}</p>
      <div className={classes.figureChart} data-size={size}>
        <LineChart
          times={history.times}
          values={history.values}
          spanS={SPAN_S}
          max={max}
          height={size === 'small' ? 56 : 96}
          label={label}
          onPoint={setPointed}
        />
      </div>
    </section>
  );
}

function FigureSkeleton() {
  return (
    <div className={classes.figure} aria-hidden>
      <Skeleton height={18} width={96} />
      <Skeleton height={34} width={110} mt={14} />
      <Skeleton height={14} width={140} mt={10} />
      <Skeleton height={48} mt={18} />
    </div>
  );
}
