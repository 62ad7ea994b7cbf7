import { type Entry, plainOf } from './buffer';
import { type Answer, patternOf, type Query, type Question, rangesIn } from './searcher';

/** So long may the worker be silent while it has something to do. A pattern such as (a+)+$ would keep it for ages. */
const PATIENCE_MS = 2_500;
const START_PATIENCE_MS = 20_000;
const SENT_AT_ONCE = 5_000;

export type SearchState = 'idle' | 'searching' | 'found' | 'invalid' | 'slow';

export interface SearchWorker {
  postMessage(question: Question): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<Answer>) => void) | null;
}

export const startWorker = (): SearchWorker =>
  new Worker(new URL('./search.worker.ts', import.meta.url), { type: 'module' }) as unknown as SearchWorker;

/** Looks for text or a pattern in the lines, in a worker of its own: the page never waits for it. */
export class Search {
  state: SearchState = 'idle';
  /** Number of this search; lines that it found carry it. 0 = nothing is looked for. */
  number = 0;
  count = 0;
  private latest = 0;
  private query: Query = { text: '', regex: false };
  private literal: RegExp | null = null;
  private worker: SearchWorker | null = null;
  private readonly bySeq = new Map<number, Entry>();
  private readonly marks = new Map<number, number[]>();
  private wanted = new Set<number>();
  private sent = 0;
  private answered = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly start: () => SearchWorker,
    private readonly changed: () => void,
  ) {}

  /** Looks for something else, in the lines that are given. */
  find(query: Query, entries: Entry[]): void {
    if (query.text === this.query.text && query.regex === this.query.regex && this.state !== 'slow') return;
    this.query = query;
    const pattern = patternOf(query);
    this.marks.clear();
    this.wanted.clear();
    this.count = 0;
    this.literal = query.regex || pattern === 'invalid' ? null : pattern;
    this.number = pattern === null || pattern === 'invalid' ? 0 : ++this.latest;
    this.state = pattern === null ? 'idle' : pattern === 'invalid' ? 'invalid' : 'searching';
    if (this.state === 'searching') this.ask(entries);
    else this.rest();
    this.changed();
  }

  /** Lines that have come since. */
  add(entries: Entry[]): void {
    if (this.worker !== null && this.number > 0) this.send(entries);
  }

  forget(entries: Entry[]): void {
    for (const { seq, hit } of entries) {
      if (this.number > 0 && hit === this.number) this.count -= 1;
      this.bySeq.delete(seq);
      this.marks.delete(seq);
    }
    this.worker?.postMessage({ kind: 'forget', seqs: entries.map(({ seq }) => seq) });
  }

  /** Where matches stand in a line; for a pattern, once the worker has said so. */
  marksOf(entry: Entry): number[] | null {
    if (this.number === 0 || entry.hit !== this.number) return null;
    if (this.literal !== null) return rangesIn(plainOf(entry), this.literal);
    const known = this.marks.get(entry.seq);
    if (known === undefined) {
      if (this.wanted.size === 0) queueMicrotask(() => this.askForMarks());
      this.wanted.add(entry.seq);
    }
    return known ?? null;
  }

  /** Ends the worker. */
  close(): void {
    clearTimeout(this.timer);
    this.worker?.terminate();
    this.worker = null;
    this.sent = this.answered = 0;
    this.bySeq.clear();
    this.wanted.clear();
  }

  private ask(entries: Entry[]): void {
    const fresh = this.worker === null;
    if (this.worker === null) {
      this.worker = this.start();
      this.worker.onmessage = ({ data }) => this.receive(data);
    }
    this.post({ kind: 'find', search: this.number, query: this.query });
    if (fresh) this.send(entries);
  }

  private post(question: Question): void {
    this.worker?.postMessage(question);
    this.sent += 1;
    this.watch();
  }

  private send(entries: Entry[]): void {
    for (const entry of entries) this.bySeq.set(entry.seq, entry);
    // The newest are in view, so they are looked at first.
    for (let end = entries.length; end > 0; end -= SENT_AT_ONCE) {
      const part = entries.slice(Math.max(0, end - SENT_AT_ONCE), end);
      this.post({ kind: 'add', seqs: part.map(({ seq }) => seq), texts: part.map(plainOf) });
    }
  }

  private askForMarks(): void {
    if (this.number > 0) this.post({ kind: 'ranges', search: this.number, seqs: [...this.wanted] });
  }

  private receive(answer: Answer): void {
    this.answered = answer.asked;
    const atRest = answer.done && answer.asked === this.sent;
    if (atRest) clearTimeout(this.timer);
    else this.watch();
    if (answer.search !== this.number) return;
    if (answer.kind === 'ranges') {
      answer.seqs.forEach((seq, index) => this.marks.set(seq, answer.ranges[index] ?? []));
      this.wanted.clear();
    } else this.take(answer.seqs);
    this.state = atRest ? 'found' : 'searching';
    this.changed();
  }

  private take(seqs: number[]): void {
    for (const seq of seqs) {
      const entry = this.bySeq.get(seq);
      if (entry === undefined || entry.hit === this.number) continue;
      entry.hit = this.number;
      this.count += 1;
    }
  }

  private watch(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.close();
      this.number = 0;
      this.count = 0;
      this.state = 'slow';
      this.changed();
      // A worker that has yet to be loaded takes longer, and that is not the pattern's fault.
    }, this.answered === 0 ? START_PATIENCE_MS : PATIENCE_MS);
  }

  /** Nothing is looked for: the copy of the lines is given back. */
  private rest(): void {
    this.close();
    this.number = 0;
  }
}
