import type { Terminal } from '@xterm/xterm';

interface Place {
  row: number;
  column: number;
}

/** A line as it was written, put together from the rows that it fills, and where each of its characters stands. */
function lineAt(term: Terminal, first: number): { text: string; places: Place[]; next: number } {
  const buffer = term.buffer.active;
  const places: Place[] = [];
  let text = '';
  let row = first;
  do {
    const line = buffer.getLine(row);
    for (let column = 0; line !== undefined && column < line.length; column += 1) {
      const letters = line.getCell(column)?.getChars() ?? '';
      for (let at = 0; at < letters.length; at += 1) places.push({ row, column });
      text += letters;
      if (letters === '' && line.getCell(column)?.getWidth() === 1) {
        places.push({ row, column });
        text += ' ';
      }
    }
    row += 1;
  } while (row < buffer.length && buffer.getLine(row)?.isWrapped === true);
  return { text: text.toLowerCase(), places, next: row };
}

/** Selects the next place where the text stands, or the one before, and shows it; whether there is one at all. */
export function findIn(term: Terminal, wanted: string, backwards: boolean): boolean {
  const found: Place[][] = [];
  const text = wanted.toLowerCase();
  if (text === '') return true;
  for (let row = 0; row < term.buffer.active.length; ) {
    const line = lineAt(term, row);
    for (let at = line.text.indexOf(text); at >= 0; at = line.text.indexOf(text, at + text.length)) {
      found.push(line.places.slice(at, at + text.length));
    }
    row = line.next;
  }
  const chosen = following(found, term.getSelectionPosition()?.start, backwards);
  const start = chosen?.[0];
  const end = chosen?.at(-1);
  if (start === undefined || end === undefined) {
    term.clearSelection();
    return false;
  }
  term.select(start.column, start.row, (end.row - start.row) * term.cols + end.column - start.column + 1);
  term.scrollToLine(Math.max(0, start.row - Math.floor(term.rows / 2)));
  return true;
}

/** The newest is at the bottom, so it is looked at first; behind the last one it begins anew. */
function following(found: Place[][], now: { x: number; y: number } | undefined, backwards: boolean): Place[] | undefined {
  if (now === undefined) return found.at(-1);
  const index = found.findIndex(([first]) => first?.row === now.y && first.column === now.x);
  if (index < 0) return found.at(-1);
  return found[(index + (backwards ? 1 : -1) + found.length) % found.length];
}
