import type { LogBatch, LogLine } from '@/api/types';
import type { LiveFailure, Subscriber } from '@/live/socket';
import { type Entry, entryOf } from './buffer';
import { Clock, isoOf } from './time';

export interface Source {
  subscribe(subscriber: Subscriber): () => void;
}

/** What is read of each log. */
export interface Range {
  tail: number;
  /** The earliest time as ISO, or null for any. */
  since: string | null;
}

export interface FeedEvents {
  newer: (entries: Entry[]) => void;
  older: (entries: Entry[]) => void;
  changed: () => void;
}

/** So many lines come first and are seen at once; the others follow while the newest are read already. */
const FIRST = 400;
/** The older lines come by the thousand, and neither server nor page has time for the newest once they do. */
const OLDER_AFTER_MS = 100;
/** Enough to close the gap of a short interruption. */
const RESUME_TAIL = 10_000;
const MICROSECOND = 0.001;

/** The log of one container: the newest lines and what comes, and after them the older ones. */
export class Feed {
  ended = false;
  dropped = 0;
  failure: LiveFailure | null = null;
  /** Lines received of the older part; null while it is not being read. */
  reading: number | null = null;

  private readonly clock = new Clock();
  private firstAt: number | null = null;
  private firstCount = 0;
  private lastAt = -Infinity;
  /** The lines of the last instant: after a lost connection the same ones come again. */
  private lastTexts = new Set<string>();
  private replaying = false;
  private hasOlder = false;
  private stopOlder: (() => void) | undefined;
  private waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly live: Source,
    readonly id: string,
    private readonly index: number,
    private readonly range: Range,
    private readonly events: FeedEvents,
  ) {}

  /** Follows until the function that comes back is called. Calling it again goes on where it stopped. */
  follow(): () => void {
    this.ended = false;
    this.readOlder();
    const stop = this.live.subscribe({
      operation: 'containers.logs',
      arguments: () => this.request(),
      onData: (batch) => this.receive(batch as LogBatch),
      onEnd: () => {
        this.ended = true;
        this.events.changed();
      },
      onError: (failure) => {
        this.failure = failure;
        this.events.changed();
      },
    });
    return () => {
      stop();
      clearTimeout(this.waiting);
      this.stopOlder?.();
      this.stopOlder = undefined;
    };
  }

  private request(): Record<string, unknown> {
    const common = { id: this.id, follow: true };
    if (this.firstAt !== null) {
      this.replaying = true;
      return { ...common, tail: RESUME_TAIL, since: isoOf(this.lastAt) };
    }
    const { tail, since } = this.range;
    return { ...common, tail: Math.min(tail, FIRST), ...(since !== null && { since }) };
  }

  private receive({ lines, dropped }: LogBatch): void {
    this.dropped += dropped;
    this.failure = null;
    const added: Entry[] = [];
    for (const line of lines) {
      const at = this.clock.read(line.at);
      if (this.isNew(at, line.text)) added.push(entryOf(line, at, this.index));
    }
    if (added.length > 0) this.events.newer(added);
    else this.events.changed();
    const [first] = added;
    if (this.firstAt !== null || first === undefined) return;
    this.firstAt = first.at;
    this.firstCount = added.filter(({ at }) => at === first.at).length;
    this.waiting = setTimeout(() => this.readOlder(), OLDER_AFTER_MS);
  }

  private isNew(at: number, text: string): boolean {
    if (at < this.lastAt) return !this.replaying;
    if (at > this.lastAt) {
      this.replaying = false;
      this.lastAt = at;
      this.lastTexts = new Set();
    } else if (this.replaying && this.lastTexts.has(text)) return false;
    this.lastTexts.add(text);
    return true;
  }

  private readOlder(): void {
    const { tail, since } = this.range;
    if (this.firstAt === null || tail <= FIRST || this.hasOlder || this.stopOlder !== undefined) return;
    const until = isoOf(this.firstAt + MICROSECOND);
    let lines: LogLine[] = [];
    this.reading = 0;
    this.stopOlder = this.live.subscribe({
      operation: 'containers.read_logs',
      arguments: () => {
        lines = [];
        return { id: this.id, tail, until, ...(since !== null && { since }) };
      },
      onData: (batch) => {
        lines = lines.concat((batch as LogBatch).lines);
        this.reading = lines.length;
        this.events.changed();
      },
      onEnd: () => this.takeOlder(lines),
      onError: (failure) => {
        this.reading = null;
        this.failure = failure;
        this.events.changed();
      },
    });
  }

  /** Of what was read, the lines that are not held already: those of the first instant came with the newest. */
  private takeOlder(lines: LogLine[]): void {
    const { firstAt } = this;
    const entries: Entry[] = [];
    for (const line of lines) {
      const at = this.clock.read(line.at);
      if (firstAt === null || at <= firstAt) entries.push(entryOf(line, at, this.index));
    }
    for (let count = this.firstCount; count > 0 && entries.at(-1)?.at === firstAt; count -= 1) entries.pop();
    this.reading = null;
    this.hasOlder = true;
    this.events.older(entries.slice(-Math.max(0, this.range.tail - FIRST)));
  }
}
