import type { LogLine } from '@/api/types';
import { plainText } from './ansi';
import { type Level, levelOf } from './level';

/** One line. What costs time to find out is found out when it is first needed. */
export interface Entry {
  /** Counts up as lines arrive, and never changes. */
  seq: number;
  /** Milliseconds since 1970, to the microsecond. */
  at: number;
  /** Which of the containers wrote it. */
  source: number;
  error: boolean;
  /** It was longer than what is kept of a line. */
  cut: boolean;
  text: string;
  plain: string | null;
  level: Level | undefined;
  /** Number of the search that found it. */
  hit: number;
  gone: boolean;
}

export const CAPACITY = 100_000;
export const CAPACITY_CHARACTERS = 48_000_000;
/** Old lines go in blocks, so that a full buffer is not moved for every new line. */
const BLOCK = 1_000;

export const plainOf = (entry: Entry): string => (entry.plain ??= plainText(entry.text));
export const levelIn = (entry: Entry): Level =>
  entry.level === undefined ? (entry.level = levelOf(plainOf(entry))) : entry.level;

let made = 0;

export const entryOf = ({ stream, text, cut }: LogLine, at: number, source: number): Entry => ({
  seq: made++, at, source, error: stream === 'stderr', cut, text, plain: null, level: undefined, hit: 0, gone: false,
});

/** What an addition changed: so many lines at the end went and came again among the new ones. */
export interface Addition {
  displaced: Entry[];
  added: Entry[];
}

/**
 * The newest lines of one or more logs in the order of their times; lines of one container stay in the order in which it
 * wrote them. Bounded in lines and characters: the oldest go.
 */
export class LogBuffer {
  entries: Entry[] = [];
  private characters = 0;

  constructor(
    private readonly capacity = CAPACITY,
    private readonly mostCharacters = CAPACITY_CHARACTERS,
  ) {}

  /** Adds lines that are newer than nearly all others. */
  append(lines: Entry[]): Addition {
    for (const { text } of lines) this.characters += text.length;
    const first = lines[0];
    let from = this.entries.length;
    if (first !== undefined) while (from > 0 && this.isLater(from - 1, first)) from -= 1;
    const displaced = this.entries.splice(from);
    const added = displaced.length === 0 ? lines : merged(displaced, lines);
    for (const entry of added) this.entries.push(entry);
    return { displaced, added };
  }

  /** Adds lines that are older than those of the same container. */
  addOlder(lines: Entry[]): void {
    for (const { text } of lines) this.characters += text.length;
    this.entries = merged(lines, this.entries);
  }

  /** Lets the oldest go where there are too many, `spare` more being allowed; returns those that went. */
  evict(spare = 0): Entry[] {
    const { length } = this.entries;
    let count = length > this.capacity + spare + BLOCK ? length - this.capacity - spare : 0;
    for (let index = 0; index < count; index += 1) this.characters -= this.entries[index]?.text.length ?? 0;
    while (this.characters > this.mostCharacters && count < length - 1) {
      this.characters -= this.entries[count]?.text.length ?? 0;
      count += 1;
    }
    const gone = count > 0 ? this.entries.splice(0, count) : [];
    for (const entry of gone) entry.gone = true;
    return gone;
  }

  private isLater(index: number, than: Entry): boolean {
    const entry = this.entries[index];
    return entry !== undefined && entry.source !== than.source && entry.at > than.at;
  }
}

/** Two runs of lines as one, by time. Each keeps its order, also where its times do not ascend. */
function merged(first: Entry[], second: Entry[]): Entry[] {
  const all: Entry[] = [];
  let a = 0;
  let b = 0;
  while (a < first.length || b < second.length) {
    const left = first[a];
    const right = second[b];
    const takeLeft = right === undefined || (left !== undefined && (left.source === right.source || left.at <= right.at));
    if (takeLeft && left !== undefined) {
      all.push(left);
      a += 1;
    } else if (right !== undefined) {
      all.push(right);
      b += 1;
    }
  }
  return all;
}
