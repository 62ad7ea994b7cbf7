import type { LogBatch, LogLine } from '@/api/types';
import type { LiveFailure, Subscriber } from '@/live/socket';
import { type Entry, LogBuffer } from './buffer';
import { patternOf, type Query } from './search';

export interface Start {
  tail: number;
  /** Minutes to look back; 0 = any time. */
  sinceMinutes: number;
}

interface Source {
  subscribe(subscriber: Subscriber): () => void;
}

const MINUTE_MS = 60_000;
/** Enough to close the gap of a short interruption. */
const RESUME_TAIL = 10_000;

/** The log of one container as it is being followed: its lines, what is searched, and whether it goes on. */
export class LogModel {
  readonly buffer = new LogBuffer();
  version = 0;
  loaded = false;
  ended = false;
  dropped = 0;
  failure: LiveFailure | null = null;
  pattern: RegExp | null = null;
  invalid = false;
  /** Numbers of the lines that match, ascending. */
  matches: number[] = [];

  private pending: LogLine[] = [];
  private frame: number | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly source: Source,
    private readonly id: string,
    private readonly start: Start,
  ) {}

  readonly listen = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getVersion = (): number => this.version;

  /** Follows the log until the function that comes back is called. Calling it again goes on where it stopped. */
  follow(): () => void {
    this.ended = false;
    const stop = this.source.subscribe({
      operation: 'containers.logs',
      arguments: () => this.request(),
      onData: (batch) => this.receive(batch as LogBatch),
      onEnd: () => {
        this.ended = true;
        this.flush();
      },
      onError: (failure) => {
        this.failure = failure;
        this.changed();
      },
    });
    return () => {
      stop();
      if (this.frame !== undefined) cancelAnimationFrame(this.frame);
      this.frame = undefined;
    };
  }

  search(query: Query): void {
    const pattern = patternOf(query);
    this.invalid = pattern === 'invalid';
    this.pattern = pattern === 'invalid' ? null : pattern;
    this.matches = [];
    this.collect(this.buffer.entries);
    this.changed();
  }

  /** What is held, as a text file. */
  toText(timestamps: boolean): string {
    return this.buffer.entries.map(({ at, plain }) => (timestamps ? `${at} ${plain}` : plain)).join('\n') + '\n';
  }

  private request(): Record<string, unknown> {
    const { newestAt } = this.buffer;
    const common = { id: this.id, follow: true };
    if (newestAt !== null) {
      this.buffer.expectReplay();
      return { ...common, tail: RESUME_TAIL, since: newestAt };
    }
    const { tail, sinceMinutes } = this.start;
    if (sinceMinutes === 0) return { ...common, tail };
    return { ...common, tail, since: new Date(Date.now() - sinceMinutes * MINUTE_MS).toISOString() };
  }

  private receive({ lines, dropped }: LogBatch): void {
    for (const line of lines) this.pending.push(line);
    this.dropped += dropped;
    this.failure = null;
    this.frame ??= requestAnimationFrame(() => this.flush());
  }

  private flush(): void {
    this.frame = undefined;
    this.loaded = true;
    const added = this.buffer.append(this.pending);
    this.buffer.endReplay();
    this.pending = [];
    this.collect(added);
    this.forgetLostMatches();
    this.changed();
  }

  private collect(entries: Entry[]): void {
    const { pattern } = this;
    if (pattern === null) return;
    for (const { seq, plain } of entries) {
      pattern.lastIndex = 0;
      if (pattern.test(plain)) this.matches.push(seq);
    }
  }

  private forgetLostMatches(): void {
    const first = this.buffer.entries[0]?.seq ?? 0;
    const kept = this.matches.findIndex((seq) => seq >= first);
    if (kept > 0) this.matches.splice(0, kept);
    else if (kept < 0) this.matches = [];
  }

  private changed(): void {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}
