import { useEffect, useMemo, useState } from 'react';
import type { WidgetManifest } from '@/api/types';
import { extremes, type History } from '@/components/history';
import { LineChart } from '@/components/LineChart';
import { t } from '@/i18n';
import { at, isNumber, isNumberList } from './pointer';
import classes from './Widgets.module.css';
import { written, writtenText } from './written';

const MOST = 300;

interface Props {
  manifest: Extract<WidgetManifest, { kind: 'chart' }>;
  answer: unknown;
  asked: number;
  height: number;
}

/** A line: of the list that the answer holds, or of one number as it was seen to change. */
export function ChartBody({ manifest, answer, asked, height }: Props) {
  const { source, timesPath, unit = '', format = 'plain', title } = manifest;
  const found = at(answer, source.path ?? '');
  const seen = useSeen(isNumber(found) ? found : null, asked);
  const line = useMemo((): History => {
    if (!isNumberList(found)) return seen;
    const times = timesPath === null || timesPath === undefined ? null : at(answer, timesPath);
    const usable = isNumberList(times) && times.length === found.length && times.every(isNumber);
    return { times: usable ? (times as number[]) : found.map((_, index) => index), values: found };
  }, [answer, found, seen, timesPath]);
  const last = line.values.findLast((value) => value !== null) ?? null;
  const range = extremes(line.values);
  const label = range
    ? t('home.chartOf', { name: title, low: writtenText(range.low, format, unit), high: writtenText(range.high, format, unit) })
    : `${title}. ${t('home.chartEmpty')}`;
  const shown = written(last, format, unit);
  return (
    <>
      <p className={classes.value}>
        {shown.value}
        <span className={classes.unit}>{shown.unit}</span>
      </p>
      <div className={classes.chart}>
        <LineChart times={line.times} values={line.values} height={height} label={label} />
      </div>
    </>
  );
}

/** The values that one number has had while the page was open. */
function useSeen(value: number | null, asked: number): History {
  const [seen, setSeen] = useState<History>({ times: [], values: [] });
  useEffect(() => {
    if (value === null) return;
    const time = asked / 1000;
    setSeen(({ times, values }) =>
      times.at(-1) === time
        ? { times, values }
        : { times: [...times.slice(-MOST + 1), time], values: [...values.slice(-MOST + 1), value] },
    );
  }, [value, asked]);
  return seen;
}
