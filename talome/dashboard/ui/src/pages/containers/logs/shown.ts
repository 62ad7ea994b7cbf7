import { type Addition, type Entry, levelIn, plainOf } from './buffer';
import { isAtLeast, type LeastLevel } from './level';
import { rowsOf } from './wrap';

/** Which lines are shown. */
export interface Filter {
  level: LeastLevel;
  stream: 'all' | 'stdout' | 'stderr';
  /** Number of the search whose finds alone are shown; 0 = all lines. */
  hit: number;
}

export const noFilter: Filter = { level: 'all', stream: 'all', hit: 0 };

const isNone = ({ level, stream, hit }: Filter) => level === 'all' && stream === 'all' && hit === 0;

/** A browser cannot scroll further than about seventeen million pixels. */
export const MOST_ROWS = 750_000;

/**
 * The lines that pass the filter, in rows of equal height; a wrapped line takes several. From the rows follows where each
 * line stands, so that only those in view have to be drawn.
 */
export class ShownLines {
  lines: Entry[] = [];
  /** Row at which each line begins, counted from `base`; unused while every line is one row. */
  private starts: number[] = [];
  private end = 0;
  private base = 0;
  private columns = Infinity;
  private filter = noFilter;

  get rowCount(): number {
    return this.columns === Infinity ? this.lines.length : this.end - this.base;
  }

  get wrappedAt(): number {
    return this.columns;
  }

  /** Everything anew: another filter, another width, or lines in between. */
  rebuild(entries: Entry[], filter: Filter = this.filter, columns: number = this.columns): void {
    this.filter = filter;
    this.columns = columns;
    this.lines = [];
    this.starts = [];
    this.base = this.end = 0;
    this.push(entries);
  }

  append({ displaced, added }: Addition): void {
    const moved = new Set(displaced);
    for (let last = this.lines.at(-1); last !== undefined && moved.has(last); last = this.lines.at(-1)) {
      this.lines.pop();
      this.end = this.starts.pop() ?? this.end;
    }
    this.push(added);
  }

  /** Forgets the lines at the beginning that are no longer held. */
  dropGone(): void {
    let count = 0;
    while (this.lines[count]?.gone === true) count += 1;
    if (count === 0) return;
    this.lines.splice(0, count);
    this.starts.splice(0, count);
    this.base = this.starts[0] ?? this.end;
  }

  /** Row at which a line begins. */
  startOf(index: number): number {
    return this.columns === Infinity ? index : (this.starts[index] ?? this.end) - this.base;
  }

  /** Index of the line that covers a row. */
  indexAt(row: number): number {
    if (this.columns === Infinity) return Math.max(0, Math.min(row, this.lines.length - 1));
    let low = 0;
    let high = this.lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.startOf(middle) <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Index of a line; where it is not shown, of the one that stands nearest to it in time. */
  indexNear(entry: Entry, guess = 0): number {
    for (let index = Math.max(0, guess - 64); index < guess + 64; index += 1) if (this.lines[index] === entry) return index;
    const index = this.lines.indexOf(entry);
    if (index >= 0) return index;
    const later = this.lines.findIndex(({ at }) => at >= entry.at);
    return later >= 0 ? later : Math.max(0, this.lines.length - 1);
  }

  passes(entry: Entry): boolean {
    const { level, stream, hit } = this.filter;
    if (stream !== 'all' && entry.error !== (stream === 'stderr')) return false;
    return (hit === 0 || entry.hit === hit) && (level === 'all' || isAtLeast(levelIn(entry), level));
  }

  private push(entries: Entry[]): void {
    const all = isNone(this.filter);
    for (const entry of entries) {
      if (!all && !this.passes(entry)) continue;
      this.lines.push(entry);
      if (this.columns === Infinity) continue;
      this.starts.push(this.end);
      this.end += rowsOf(plainOf(entry), this.columns);
    }
    if (this.rowCount > MOST_ROWS) this.shorten();
  }

  private shorten(): void {
    const from = this.indexAt(this.rowCount - MOST_ROWS) + 1;
    this.lines.splice(0, from);
    this.starts.splice(0, from);
    this.base = this.starts[0] ?? this.end;
  }
}
