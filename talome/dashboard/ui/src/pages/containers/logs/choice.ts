import { type Entry, plainOf } from './buffer';
import type { ShownLines } from './shown';
import { isoOf } from './time';

/** Lines that were picked to be copied, by their places among those shown. */
export interface Choice {
  from: Entry;
  to: Entry;
  first: number;
  last: number;
}

export function choose(shown: ShownLines, from: Entry, to: Entry): Choice {
  const places = [shown.indexNear(from), shown.indexNear(to)];
  return { from, to, first: Math.min(...places), last: Math.max(...places) };
}

export const isChosen = ({ first, last }: Choice, index: number): boolean => index >= first && index <= last;

export interface TextForm {
  times: boolean;
  names: string[] | null;
}

/** A line as it stands in a file. */
export const textOf = (entry: Entry, { times, names }: TextForm): string =>
  (times ? `${isoOf(entry.at)} ` : '') + (names ? `${names[entry.source] ?? ''} ` : '') + plainOf(entry);

export const chosenText = (shown: ShownLines, { first, last }: Choice, form: TextForm): string =>
  shown.lines.slice(first, last + 1).map((entry) => textOf(entry, form)).join('\n');
