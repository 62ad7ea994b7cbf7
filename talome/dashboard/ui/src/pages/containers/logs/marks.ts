import type { Stretch } from './ansi';

export interface Piece extends Stretch {
  marked: boolean;
}

/** The part of a line from one place to another, cut where its look changes or a match begins or ends. */
export function piecesOf(stretches: Stretch[], ranges: number[], from: number, to: number): Piece[] {
  const pieces: Piece[] = [];
  let offset = 0;
  let next = 0;
  for (const stretch of stretches) {
    const end = offset + stretch.text.length;
    let at = Math.max(offset, from);
    const stop = Math.min(end, to);
    while (at < stop) {
      while ((ranges[next + 1] ?? Infinity) <= at) next += 2;
      const start = ranges[next] ?? Infinity;
      const marked = start <= at;
      const until = Math.min(stop, marked ? (ranges[next + 1] ?? stop) : start);
      pieces.push({ ...stretch, text: stretch.text.slice(at - offset, until - offset), marked });
      at = until;
    }
    offset = end;
  }
  return pieces;
}
