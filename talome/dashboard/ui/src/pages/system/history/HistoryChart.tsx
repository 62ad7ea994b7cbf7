import { type KeyboardEvent, useId, useMemo, useState } from 'react';
import type { Metrics } from '@/api/types';
import { LineChart } from '@/components/LineChart';
import { indicesIn, zoomed } from '@/components/zoom';
import { t } from '@/i18n';
import { dayTime } from '@/i18n/format';
import classes from '../System.module.css';
import { type Chart, summary, valuesOf, type View } from './charts';
import { Numbers } from './Numbers';

interface Props {
  chart: Chart;
  metrics: Metrics;
  periodName: string;
  view: View;
}

const HEIGHT = 220;

/** One chart with its marker, which the arrow keys move too, its summary in words, and its figures as a table. */
export function HistoryChart({ chart, metrics, periodName, view }: Props) {
  const headId = useId();
  const helpId = useId();
  const [tableShown, setTableShown] = useState(false);
  const { series, second, format } = chart;
  const values = valuesOf(metrics, series);
  const more = useMemo(() => (second ? [valuesOf(metrics, second.series)] : undefined), [metrics, second]);
  const part = indicesIn(metrics.at, view.shown) ?? [0, metrics.at.length - 1];
  const lines = [
    { name: second ? t(second.names[0]) : t(chart.name), values },
    ...(second && more?.[0] ? [{ name: t(second.names[1]), values: more[0] }] : []),
  ];
  const read = (index: number): string => {
    const parts = lines.map(({ name, values: line }) => {
      const value = line[index] ?? null;
      const text = value === null ? t('chart.gap') : format(value);
      return second ? `${name} ${text}` : text;
    });
    return t('chart.at', { time: dayTime((metrics.at[index] ?? 0) * 1000), values: parts.join(', ') });
  };
  const inWords = lines
    .map((line) => summary(line.values.slice(part[0], part[1] + 1), format, second ? line.name : null))
    .join(' · ');
  const reading = view.pointed === null ? inWords : read(view.pointed);
  return (
    <section className={classes.card} aria-labelledby={headId}>
      <div className={classes.chartHead}>
        <h2 className={classes.cardTitle} id={headId}>
          {t(chart.name)}
        </h2>
        {second &&
          lines.map(({ name }, index) => (
            <span key={name} className={classes.legend} data-second={index > 0 || undefined}>
              {name}
            </span>
          ))}
      </div>
      <p className={classes.reading} data-pointed={view.pointed !== null || undefined}>
        {reading}
      </p>
      <div
        className={classes.slider}
        role="slider"
        tabIndex={0}
        aria-label={t('system.chartIn', { name: t(chart.name), period: periodName })}
        aria-describedby={helpId}
        aria-valuemin={part[0]}
        aria-valuemax={part[1]}
        aria-valuenow={Math.min(Math.max(view.pointed ?? part[1], part[0]), part[1])}
        aria-valuetext={reading}
        onKeyDown={(event) => onKey(event, view, metrics.at, part)}
        onBlur={() => view.onPoint(null)}
      >
        <LineChart
          times={metrics.at}
          values={values}
          max={chart.max}
          height={HEIGHT}
          label=""
          onPoint={view.onPoint}
          detail={{ more, shown: view.shown, format, binary: chart.binary, onZoom: view.onZoom, pointed: view.pointed }}
        />
      </div>
      <span id={helpId} hidden>
        {t('chart.help')}
      </span>
      <details className={classes.more} onToggle={(event) => setTableShown(event.currentTarget.open)}>
        <summary>{t('chart.table')}</summary>
        {tableShown && <Numbers name={t(chart.name)} times={metrics.at} part={part} lines={lines} format={format} />}
      </details>
    </section>
  );
}

/** The marker one or ten steps, to the ends; closer, further away, everything. */
function onKey(event: KeyboardEvent, view: View, times: number[], [first, last]: [number, number]): void {
  const at = Math.min(Math.max(view.pointed ?? last, first), last);
  const steps: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };
  const step = steps[event.key];
  const { whole, stepS, shown } = view;
  const zoom = (out: boolean) => view.onZoom(zoomed(whole, stepS, shown, times[at] ?? null, out));
  if (step !== undefined) view.onPoint(view.pointed === null ? at : Math.min(Math.max(at + step, first), last));
  else if (event.key === 'Home') view.onPoint(first);
  else if (event.key === 'End') view.onPoint(last);
  else if (event.key === '+' || event.key === '=') zoom(false);
  else if (event.key === '-') zoom(true);
  else if (event.key === 'Escape') view.onZoom(null);
  else return;
  event.preventDefault();
}
