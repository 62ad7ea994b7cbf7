export interface History {
  /** Seconds since 1970, ascending. */
  times: number[];
  values: (number | null)[];
}

/**
 * Stored history followed by what has arrived live since, limited to the last `spanS` seconds. Live points that lie
 * before the end of the stored history are already part of it. It begins with the first value that is known.
 */
export function joinHistory(stored: History, liveTimes: number[], liveValues: number[], spanS: number): History {
  const end = stored.times.at(-1) ?? -Infinity;
  const first = liveTimes.findIndex((time) => time > end);
  const times = first < 0 ? stored.times : [...stored.times, ...liveTimes.slice(first)];
  const values = first < 0 ? stored.values : [...stored.values, ...liveValues.slice(first)];
  const from = (times.at(-1) ?? 0) - spanS;
  // What lies before the first measurement is not history but emptiness.
  const keep = times.findIndex((time, index) => time >= from && values[index] !== null);
  return keep <= 0 ? { times, values } : { times: times.slice(keep), values: values.slice(keep) };
}

/** Lowest and highest known value; null when there is none. */
export function extremes(values: (number | null)[]): { low: number; high: number } | null {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === null) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low === Infinity ? null : { low, high };
}
