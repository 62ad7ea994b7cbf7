/** Part of a text to put something else in place of, and what is to be marked then. */
export interface Replacement {
  from: number;
  to: number;
  insert: string;
  start: number;
  end: number;
}

/** The text is indented as its other lines are. */
export const unitOf = (text: string): string => (/^\t/m.test(text) ? '\t' : /^ {4}\S/m.test(text) && !/^ {2}\S/m.test(text) ? '    ' : '  ');

const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;

/** Tab: at a place it is put in, of several lines each moves to the right. */
export function indented(text: string, start: number, end: number): Replacement {
  const unit = unitOf(text);
  if (!text.slice(start, end).includes('\n')) {
    return { from: start, to: end, insert: unit, start: start + unit.length, end: start + unit.length };
  }
  const from = lineStart(text, start);
  const lines = text.slice(from, end).split('\n');
  const insert = lines.map((line) => (line === '' ? line : unit + line)).join('\n');
  return { from, to: end, insert, start: start + (lines[0] === '' ? 0 : unit.length), end: from + insert.length };
}

/** Shift and Tab: every line moves to the left as far as it can. */
export function outdented(text: string, start: number, end: number): Replacement {
  const unit = unitOf(text);
  const from = lineStart(text, start);
  const lines = text.slice(from, Math.max(end, start)).split('\n');
  const rest = text.slice(Math.max(end, start));
  // The last line may reach further than what is marked.
  const tail = rest.slice(0, (rest + '\n').indexOf('\n'));
  lines[lines.length - 1] += tail;
  const taken = lines.map((line) => (line.startsWith(unit) ? unit.length : (/^[ \t]*/.exec(line)![0].length > 0 ? 1 : 0)));
  const insert = lines.map((line, index) => line.slice(taken[index])).join('\n');
  const sum = taken.reduce((total, each) => total + each, 0);
  return {
    from,
    to: Math.max(end, start) + tail.length,
    insert,
    start: Math.max(from, start - taken[0]!),
    end: Math.max(from, end - sum),
  };
}
