import { type Entry, LogBuffer } from './buffer';
import { Feed, type Range, type Source } from './feed';
import { Search, startWorker } from './search';
import type { Query } from './searcher';
import { type Filter, noFilter, ShownLines } from './shown';

/** While somebody reads older lines, so many more are kept before the oldest go. */
const SPARE_WHILE_READING = 50_000;

/** One or more logs as they are being followed: the lines, which of them are shown, and what is searched. */
export class LogModel {
  readonly buffer = new LogBuffer();
  readonly shown = new ShownLines();
  readonly search: Search;
  readonly feeds: Feed[];
  version = 0;
  loaded = false;
  /** Set while the reader is away from the end: what is being read must stay. */
  held = false;
  /** Lines that came while it was followed. */
  received = 0;

  private filter: Filter = noFilter;
  private pending: Entry[] = [];
  private frame: number | undefined;
  private stale = false;
  private readonly listeners = new Set<() => void>();

  constructor(live: Source, ids: string[], range: Range, worker = startWorker) {
    this.search = new Search(worker, () => {
      this.stale ||= this.filter.hit > 0;
      this.plan();
    });
    this.feeds = ids.map(
      (id, index) =>
        new Feed(live, id, index, range, {
          newer: (entries) => this.receive(entries),
          older: (entries) => this.takeOlder(entries),
          changed: () => this.plan(),
        }),
    );
  }

  readonly listen = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getVersion = (): number => this.version;

  get dropped(): number {
    return this.feeds.reduce((sum, { dropped }) => sum + dropped, 0);
  }

  get ended(): boolean {
    return this.feeds.every(({ ended }) => ended);
  }

  /** How many older lines have been read so far; null when all are there. */
  get reading(): number | null {
    const counts = this.feeds.map(({ reading }) => reading).filter((count) => count !== null);
    return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
  }

  close(): void {
    this.search.close();
    if (this.frame !== undefined) cancelAnimationFrame(this.frame);
    this.frame = undefined;
  }

  /** Looks for something, and with `only` shows nothing else. */
  find(query: Query, only: boolean): void {
    this.search.find(query, this.buffer.entries);
    this.narrow({ hit: only ? this.search.number : 0 });
  }

  /** Shows only lines that pass. */
  narrow(change: Partial<Filter>): void {
    const next = { ...this.filter, ...change };
    if (next.level === this.filter.level && next.stream === this.filter.stream && next.hit === this.filter.hit) return;
    this.filter = next;
    this.stale = true;
    this.flush();
  }

  wrapAt(columns: number): void {
    if (columns !== this.shown.wrappedAt) this.shown.rebuild(this.buffer.entries, this.filter, columns);
  }

  private receive(entries: Entry[]): void {
    for (const entry of entries) this.pending.push(entry);
    this.plan();
  }

  private takeOlder(entries: Entry[]): void {
    this.loaded = true;
    if (entries.length > 0) {
      this.buffer.addOlder(entries);
      this.search.add(entries);
      this.stale = true;
    }
    this.plan();
  }

  private plan(): void {
    this.frame ??= requestAnimationFrame(() => this.flush());
  }

  private flush(): void {
    if (this.frame !== undefined) cancelAnimationFrame(this.frame);
    this.frame = undefined;
    const { pending } = this;
    this.pending = [];
    if (pending.length > 0) this.add(inOrder(pending));
    const gone = this.buffer.evict(this.held ? SPARE_WHILE_READING : 0);
    if (gone.length > 0) this.search.forget(gone);
    if (this.stale) this.shown.rebuild(this.buffer.entries, this.filter);
    else if (gone.length > 0) this.shown.dropGone();
    this.stale = false;
    this.version += 1;
    for (const listener of this.listeners) listener();
  }

  private add(entries: Entry[]): void {
    const addition = this.buffer.append(entries);
    this.loaded = true;
    this.received += entries.length;
    this.search.add(entries);
    if (!this.stale) this.shown.append(addition);
  }
}

/** What several containers wrote within one frame, by time. */
function inOrder(entries: Entry[]): Entry[] {
  const source = entries[0]?.source;
  return entries.every((entry) => entry.source === source) ? entries : entries.sort((a, b) => a.at - b.at);
}
