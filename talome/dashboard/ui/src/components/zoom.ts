import type { Span } from './LineChart';

/** The least that a zoom shows, in steps of the data: fewer points say nothing. */
const FEWEST_STEPS = 8;
const FACTOR = 2;
const MOVE = 0.5;

/** A part of the whole: not shorter than some steps, not beyond the ends. Null when it is all of it. */
export function within(whole: Span, stepS: number, wanted: Span): Span | null {
  const [first, last] = whole;
  const length = Math.max(wanted[1] - wanted[0], Math.min(FEWEST_STEPS * stepS, last - first));
  if (length >= last - first) return null;
  const middle = (wanted[0] + wanted[1]) / 2;
  const from = Math.min(Math.max(middle - length / 2, first), last - length);
  return [from, from + length];
}

/** Closer (or, with `out`, further away) around a moment; around the middle when there is none. */
export function zoomed(whole: Span, stepS: number, shown: Span, around: number | null, out: boolean): Span | null {
  const length = (shown[1] - shown[0]) * (out ? FACTOR : 1 / FACTOR);
  const seen = around !== null && around >= shown[0] && around <= shown[1];
  const middle = seen ? around : (shown[0] + shown[1]) / 2;
  return within(whole, stepS, [middle - length / 2, middle + length / 2]);
}

/** Half a view earlier (-1) or later (1). */
export function moved(whole: Span, stepS: number, shown: Span, direction: -1 | 1): Span | null {
  const by = (shown[1] - shown[0]) * MOVE * direction;
  return within(whole, stepS, [shown[0] + by, shown[1] + by]);
}

/** The indices of the data that lie in a part: [first, last], or null when none does. */
export function indicesIn(times: number[], [from, to]: Span): [number, number] | null {
  const first = times.findIndex((time) => time >= from);
  const last = times.findLastIndex((time) => time <= to);
  return first < 0 || last < first ? null : [first, last];
}
