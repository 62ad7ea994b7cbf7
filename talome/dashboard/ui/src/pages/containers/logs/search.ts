import type { Stretch } from './ansi';

export interface Query {
  text: string;
  regex: boolean;
}

const SPECIAL = /[.*+?^${}()|[\]\\]/g;

/** The pattern of a query, null when nothing is searched, or 'invalid'. Capitals do not matter. */
export function patternOf({ text, regex }: Query): RegExp | null | 'invalid' {
  if (text === '') return null;
  try {
    return new RegExp(regex ? text : text.replace(SPECIAL, '\\$&'), 'gi');
  } catch {
    return 'invalid';
  }
}

export interface Piece extends Stretch {
  marked: boolean;
}

/** The stretches of a line, cut where a match begins or ends. */
export function markMatches(stretches: Stretch[], pattern: RegExp | null): Piece[] {
  if (pattern === null) return stretches.map((stretch) => ({ ...stretch, marked: false }));
  const cuts = matchRanges(stretches.map(({ text }) => text).join(''), pattern);
  const pieces: Piece[] = [];
  let offset = 0;
  for (const stretch of stretches) {
    const end = offset + stretch.text.length;
    let from = offset;
    for (const [start, stop] of cuts) {
      if (stop <= from || start >= end) continue;
      if (start > from) pieces.push(piece(stretch, offset, from, start, false));
      pieces.push(piece(stretch, offset, Math.max(start, from), Math.min(stop, end), true));
      from = Math.min(stop, end);
    }
    if (from < end) pieces.push(piece(stretch, offset, from, end, false));
    offset = end;
  }
  return pieces;
}

const piece = (stretch: Stretch, offset: number, from: number, to: number, marked: boolean): Piece => ({
  ...stretch,
  text: stretch.text.slice(from - offset, to - offset),
  marked,
});

function matchRanges(text: string, pattern: RegExp): [number, number][] {
  const ranges: [number, number][] = [];
  pattern.lastIndex = 0;
  for (const match of text.matchAll(pattern)) {
    if (match[0] !== '') ranges.push([match.index, match.index + match[0].length]);
  }
  return ranges;
}
