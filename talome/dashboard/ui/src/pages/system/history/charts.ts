import type { Metrics } from '@/api/types';
import type { Span } from '@/components/LineChart';
import { type PlainKey, t } from '@/i18n';
import { bytesPerSecond, percent } from '@/i18n/format';

/** What all charts of the page share: the time they show, and where the marker stands. */
export interface View {
  whole: Span;
  shown: Span;
  stepS: number;
  pointed: number | null;
  onPoint: (index: number | null) => void;
  onZoom: (span: Span | null) => void;
}

export interface Chart {
  name: PlainKey;
  series: string;
  /** A second line, with the names of both. */
  second?: { series: string; names: [PlainKey, PlainKey] };
  max?: number;
  binary?: boolean;
  format: (value: number) => string;
}

export const CHARTS: Chart[] = [
  { name: 'system.processor', series: 'cpu.percent', max: 10, format: percent },
  { name: 'system.memory', series: 'memory.percent', max: 100, format: percent },
  { name: 'system.disk', series: 'disk.percent', max: 100, format: percent },
  {
    name: 'system.network',
    series: 'network.rxBytesPerS',
    second: { series: 'network.txBytesPerS', names: ['system.received', 'system.sent'] },
    binary: true,
    format: bytesPerSecond,
  },
];

type Values = (number | null)[];

export const valuesOf = (metrics: Metrics, series: string): Values => metrics.series[series] ?? [];

export const known = (metrics: Metrics, series: string): boolean =>
  valuesOf(metrics, series).some((value) => value !== null);

/** "Lowest 1 %, highest 40 %, on average 7 %": what a chart says, in words; shorter for one line of several. */
export function summary(values: Values, format: (value: number) => string, name: string | null): string {
  const numbers = values.filter((value) => value !== null);
  if (numbers.length === 0) return t('chart.empty');
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const low = numbers.reduce((a, b) => Math.min(a, b));
  const high = numbers.reduce((a, b) => Math.max(a, b));
  if (name !== null) return t('chart.rangeOf', { name, high: format(high), mean: format(mean) });
  return t('chart.range', { low: format(low), high: format(high), mean: format(mean) });
}
