import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import classes from './LineChart.module.css';
import { type ChartState, detailed, small } from './lineChartOptions';

export interface Point {
  /** Index into the data, or null when nothing is pointed at. */
  (index: number | null): void;
}

/** A part of the time, in seconds since 1970. */
export type Span = readonly [from: number, to: number];

/** What turns the small picture of a figure into a chart to read: axes, several lines, zoom and a crosshair. */
export interface ChartDetail {
  /** Further lines beside `values`. */
  more?: (number | null)[][];
  /** The part that is shown. */
  shown: Span;
  format: (value: number) => string;
  /** Whether the figures are bytes, whose scale steps in powers of two. */
  binary?: boolean;
  /** Someone drew over a part of the chart, or asked for all of it again (null). */
  onZoom: (span: Span | null) => void;
  /** Where the crosshair stands: an index into the data. */
  pointed: number | null;
}

interface Props {
  /** Seconds since 1970, ascending. */
  times: number[];
  /** Null is a gap, and is drawn as one. */
  values: (number | null)[];
  /** Most seconds that the width stands for, ending at the newest time. */
  spanS?: number;
  /** Upper end of the scale; it grows with the data when left out. */
  max?: number;
  height: number;
  /** What a screen reader hears in place of the picture; empty where something around it says it. */
  label: string;
  onPoint?: Point;
  detail?: ChartDetail;
}

/** A live line. The canvas is made once; new figures only move the line. */
export function LineChart({ times, values, spanS = Infinity, max, height, label, onPoint, detail }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const scheme = useComputedColorScheme();
  const state = useRef<ChartState>({ spanS });
  state.current = { spanS, max, detail, onPoint };
  const lines = 1 + (detail?.more?.length ?? 0);
  const isDetailed = detail !== undefined;

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const options = isDetailed ? detailed(element, height, state, lines) : small(element, height, state);
    const made = new uPlot(options, [[], ...Array.from({ length: lines }, () => [])], element);
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
  }, [height, scheme, isDetailed, lines]);

  const [from, to] = detail?.shown ?? [];
  const more = detail?.more;
  useEffect(() => {
    // New data under a marker that stands still is no pointing; only the small live line tells what comes under it.
    state.current.quiet = isDetailed;
    plot.current?.batch((made: uPlot) => made.setData([times, values, ...(more ?? [])]));
    state.current.quiet = false;
  }, [times, values, more, from, to, height, scheme, isDetailed, lines]);

  const pointed = detail?.pointed;
  useEffect(() => {
    const made = plot.current;
    if (made === null || pointed === undefined || (made.cursor.idx ?? null) === pointed) return;
    const time = pointed === null ? undefined : times[pointed];
    const left = time === undefined ? -10 : made.valToPos(time, 'x');
    made.setCursor({ left, top: time === undefined ? -10 : 4 }, false);
  }, [pointed, times, from, to]);

  const named = label === '' ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label };
  return <div ref={box} className={classes.chart} {...named} style={{ height }} />;
}
