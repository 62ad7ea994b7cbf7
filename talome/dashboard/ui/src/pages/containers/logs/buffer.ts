import type { LogLine } from '@/api/types';
import { plainText } from './ansi';
import { type Level, levelOf } from './level';

export interface Entry {
  /** Counts up from 0 and never changes, also when older lines go. */
  seq: number;
  at: string;
  text: string;
  plain: string;
  level: Level;
  error: boolean;
  /** Row at which it starts, counted from the first line ever; see `firstRow`. */
  top: number;
  rows: number;
}

export const CAPACITY = 50_000;
/** Old lines go in blocks, so that a full buffer is not moved for every new line. */
const BLOCK = 1_000;

/**
 * The newest lines of a log, in rows of equal height: a wrapped line takes several rows. From the rows follows where each
 * line stands, so only the lines in view need to be drawn.
 */
export class LogBuffer {
  entries: Entry[] = [];
  columns = Infinity;
  private nextSeq = 0;
  private nextRow = 0;
  /** The lines of the last instant: after a reconnect the same ones come again. */
  private lastAt = -Infinity;
  private lastTexts = new Set<string>();

  constructor(private readonly capacity = CAPACITY) {}

  get firstRow(): number {
    return this.entries[0]?.top ?? this.nextRow;
  }

  get rowCount(): number {
    return this.nextRow - this.firstRow;
  }

  get lastSeq(): number {
    return this.nextSeq - 1;
  }

  /** Time of the newest line, or null while there is none. */
  get newestAt(): string | null {
    return this.entries.at(-1)?.at ?? null;
  }

  /** Adds lines that are not known yet and returns them; the oldest go when there are too many. */
  append(lines: LogLine[]): Entry[] {
    const added = lines.filter((line) => this.isNew(line)).map((line) => this.entry(line));
    for (const entry of added) this.entries.push(entry);
    if (this.entries.length > this.capacity + BLOCK) this.entries.splice(0, this.entries.length - this.capacity);
    return added;
  }

  /** Wraps after so many characters; Infinity = not at all. */
  wrapAt(columns: number): void {
    if (columns === this.columns) return;
    this.columns = columns;
    this.nextRow = this.firstRow;
    for (const entry of this.entries) {
      entry.rows = rowsOf(entry.plain, columns);
      entry.top = this.nextRow;
      this.nextRow += entry.rows;
    }
  }

  /** Index of the line that covers a row, counted from the first line still held. */
  indexAtRow(row: number): number {
    const wanted = row + this.firstRow;
    let low = 0;
    let high = this.entries.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.entries[middle]?.top ?? 0) <= wanted) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }

  /** The line with this number, if it is still held. */
  find(seq: number): Entry | undefined {
    return this.entries[seq - (this.entries[0]?.seq ?? 0)];
  }

  private isNew({ at, text }: LogLine): boolean {
    const time = Date.parse(at);
    if (time < this.lastAt) return !this.replaying;
    if (time > this.lastAt) {
      this.lastAt = time;
      this.lastTexts = new Set();
    } else if (this.replaying && this.lastTexts.has(text)) return false;
    this.lastTexts.add(text);
    return true;
  }

  /** True while lines that came before a lost connection are sent again. */
  private replaying = false;

  /** Announces that the next batch begins with lines that may be known. */
  expectReplay(): void {
    this.replaying = this.entries.length > 0;
  }

  /** The replay is over: from now on equal lines are really written twice. */
  endReplay(): void {
    this.replaying = false;
  }

  private entry({ at, stream, text }: LogLine): Entry {
    const plain = plainText(text);
    const rows = rowsOf(plain, this.columns);
    const entry = { seq: this.nextSeq++, at, text, plain, level: levelOf(plain), error: stream === 'stderr', top: this.nextRow, rows };
    this.nextRow += rows;
    return entry;
  }
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/gu;

/** Rows that a text takes in a fixed-width font; East Asian letters and emoji are two columns wide. */
export function rowsOf(plain: string, columns: number): number {
  if (columns === Infinity) return 1;
  const width = /^[\u0020-\u007e]*$/.test(plain) ? plain.length : plain.length + (plain.match(WIDE)?.length ?? 0);
  return Math.max(1, Math.ceil(width / Math.max(1, columns)));
}
