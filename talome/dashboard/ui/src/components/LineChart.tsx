import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import classes from './LineChart.module.css';

export interface Point {
  /** Index into the data, or null when nothing is pointed at. */
  (index: number | null): void;
}

interface Props {
  /** Seconds since 1970, ascending. */
  times: number[];
  values: (number | null)[];
  /** Most seconds that the width stands for, ending at the newest time. */
  spanS: number;
  /** Upper end of the scale; it grows with the data when left out. */
  max?: number;
  height: number;
  /** What a screen reader hears in place of the picture. */
  label: string;
  onPoint?: Point;
}

const SHORTEST_S = 120;

const colour = (element: Element, name: string) => getComputedStyle(element).getPropertyValue(name).trim();

/** A live line. The canvas is made once; new figures only move the line. */
export function LineChart({ times, values, spanS, max, height, label, onPoint }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const report = useRef(onPoint);
  report.current = onPoint;
  const scheme = useComputedColorScheme();
  const scale = useRef({ spanS, max });
  scale.current = { spanS, max };

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const made = new uPlot(options(element, height, scale, (index) => report.current?.(index)), [[], []], element);
    plot.current = made;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) made.setSize({ width: Math.round(entry.contentRect.width), height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [height, scheme]);

  useEffect(() => plot.current?.setData([times, values]), [times, values, height, scheme]);

  return <div ref={box} className={classes.chart} role="img" aria-label={label} style={{ height }} />;
}

function options(
  element: HTMLElement,
  height: number,
  scale: React.RefObject<{ spanS: number; max?: number }>,
  onPoint: Point,
): uPlot.Options {
  const stroke = colour(element, '--chart-line');
  return {
    width: element.clientWidth,
    height,
    padding: [6, 0, 0, 0],
    legend: { show: false },
    axes: [{ show: false }, { show: false }],
    cursor: {
      y: false,
      drag: { setScale: false },
      points: { size: 7, fill: stroke, stroke },
    },
    scales: {
      x: {
        time: true,
        // A young history fills the width, but a few seconds are not drawn as if they were an hour.
        range: (_, oldest, newest) => [Math.max(newest - scale.current.spanS, Math.min(oldest, newest - SHORTEST_S)), newest],
      },
      y: { range: (_, __, highest) => [0, Math.max(scale.current.max ?? 0, (highest ?? 0) * 1.15, 1e-6)] },
    },
    series: [{}, { stroke, fill: colour(element, '--chart-fill'), width: 1.75, points: { show: false } }],
    hooks: { setCursor: [(self) => onPoint(self.cursor.idx ?? null)] },
  };
}
