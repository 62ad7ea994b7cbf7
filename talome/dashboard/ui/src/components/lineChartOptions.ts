import type { RefObject } from 'react';
import type uPlot from 'uplot';
import { axisTime } from '@/i18n/format';
import type { ChartDetail, Point } from './LineChart';

/** What the options read each time, so that a change of it does not make the canvas anew. */
export interface ChartState {
  spanS: number;
  max?: number;
  detail?: ChartDetail;
  onPoint?: Point;
  /** The marker is being moved by us and not by a pointer. */
  quiet?: boolean;
}

type State = RefObject<ChartState>;

const SHORTEST_S = 120;
/** Pixels of a drag that is meant. */
const DRAG = 6;
const BYTE_STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power);

const colour = (element: Element, name: string) => getComputedStyle(element).getPropertyValue(name).trim();

const tell = (state: State) => (self: uPlot) => {
  if (!state.current.quiet) state.current.onPoint?.(self.cursor.idx ?? null);
};

const upper = (state: State, highest: number | null) =>
  Math.max(state.current.max ?? 0, (highest ?? 0) * 1.15, 1e-6);

/** The small picture of a figure: no axes, the newest value at the end. */
export function small(element: HTMLElement, height: number, state: State): uPlot.Options {
  const stroke = colour(element, '--chart-line');
  return {
    width: element.clientWidth,
    height,
    padding: [6, 0, 0, 0],
    legend: { show: false },
    axes: [{ show: false }, { show: false }],
    cursor: { y: false, drag: { setScale: false }, points: { size: 7, fill: stroke, stroke } },
    scales: {
      x: {
        time: true,
        // A young history fills the width, but a few seconds are not drawn as if they were an hour.
        range: (_, oldest, newest) => [Math.max(newest - state.current.spanS, Math.min(oldest, newest - SHORTEST_S)), newest],
      },
      y: { range: (_, __, highest) => [0, upper(state, highest)] },
    },
    series: [{}, { stroke, fill: colour(element, '--chart-fill'), width: 1.75, points: { show: false } }],
    hooks: { setCursor: [tell(state)] },
  };
}

/** A chart to read: axes, gaps, a crosshair, and zoom by drawing over a part of it. */
export function detailed(element: HTMLElement, height: number, state: State, lines: number): uPlot.Options {
  const grid = { stroke: colour(element, '--hairline'), width: 1 };
  const axis: uPlot.Axis = {
    stroke: colour(element, '--dim'),
    font: `12px ${getComputedStyle(element).fontFamily}`,
    grid,
    ticks: { show: false },
  };
  const binary = state.current.detail?.binary === true;
  return {
    width: element.clientWidth,
    height,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    axes: [
      {
        ...axis,
        space: 72,
        size: 28,
        values: (self, splits) => splits.map((at) => axisTime(at * 1000, (self.scales.x?.max ?? 0) - (self.scales.x?.min ?? 0))),
      },
      {
        ...axis,
        size: 68,
        space: 34,
        ...(binary ? { incrs: BYTE_STEPS } : {}),
        values: (_, splits) => splits.map((value) => state.current.detail?.format(value) ?? ''),
      },
    ],
    cursor: {
      y: false,
      points: { size: 8 },
      drag: { x: true, y: false, setScale: false, dist: DRAG },
      bind: { dblclick: () => () => (state.current.detail?.onZoom(null), null) },
    },
    scales: {
      x: { time: true, range: () => [...(state.current.detail?.shown ?? [0, 1])] },
      y: { range: (_, __, highest) => [0, upper(state, highest)] },
    },
    series: [{}, ...Array.from({ length: lines }, (_, line) => series(element, line))],
    hooks: { setCursor: [tell(state)], setSelect: [(self) => zoomTo(self, state)] },
  };
}

function series(element: HTMLElement, line: number): uPlot.Series {
  const stroke = colour(element, line === 0 ? '--chart-line' : '--chart-second');
  return {
    stroke,
    ...(line === 0 ? { fill: colour(element, '--chart-fill') } : { dash: [6, 4] }),
    width: 1.75,
    // A measurement between two gaps has no line, so it gets a dot.
    points: { show: true, size: 4, fill: stroke, filter: lonely },
  };
}

function lonely(self: uPlot, series: number): number[] | null {
  const values = self.data[series] ?? [];
  const alone: number[] = [];
  for (let index = 0; index < values.length; index += 1) {
    if (values[index] != null && values[index - 1] == null && values[index + 1] == null) alone.push(index);
  }
  return alone;
}

function zoomTo(self: uPlot, state: State): void {
  const { left, width } = self.select;
  if (width < DRAG) return;
  state.current.detail?.onZoom([self.posToVal(left, 'x'), self.posToVal(left + width, 'x')]);
  self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
}
