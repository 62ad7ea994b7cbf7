/** What is looked for. */
export interface Query {
  text: string;
  regex: boolean;
}

const SPECIAL = /[.*+?^${}()|[\]\\]/g;
const MOST_MARKS = 200;

/** The pattern of a query, null when nothing is looked for, or 'invalid'. Capitals do not matter. */
export function patternOf({ text, regex }: Query): RegExp | null | 'invalid' {
  if (text === '') return null;
  try {
    return new RegExp(regex ? text : text.replace(SPECIAL, '\\$&'), 'gi');
  } catch {
    return 'invalid';
  }
}

/** Where matches begin and end in a line, flat: start, end, start, end. */
export function rangesIn(text: string, pattern: RegExp): number[] {
  const ranges: number[] = [];
  pattern.lastIndex = 0;
  for (const match of text.matchAll(pattern)) {
    if (match[0] !== '') ranges.push(match.index, match.index + match[0].length);
    if (ranges.length >= 2 * MOST_MARKS) break;
  }
  return ranges;
}

/** Asked of the worker that searches. */
export type Question =
  | { kind: 'add'; seqs: number[]; texts: string[] }
  | { kind: 'forget'; seqs: number[] }
  | { kind: 'find'; search: number; query: Query }
  | { kind: 'ranges'; search: number; seqs: number[] };

/** What it answers. `done`: of the questions so far (`asked`, all but "forget") nothing is left to do. */
export type Answer = { search: number; seqs: number[]; asked: number; done: boolean } & (
  | { kind: 'found' }
  | { kind: 'ranges'; ranges: number[][] }
);

const SLICE = 1_000;

/** A copy of the lines that finds what is looked for, slice by slice, so that a newer question need not wait. */
export class Searcher {
  private readonly texts = new Map<number, string>();
  private pattern: RegExp | null = null;
  private search = 0;
  private waiting: number[] = [];
  private going = false;
  private asked = 0;

  constructor(
    private readonly answer: (answer: Answer) => void,
    private readonly later: (work: () => void) => void,
  ) {}

  ask(question: Question): void {
    if (question.kind !== 'forget') this.asked += 1;
    switch (question.kind) {
      case 'add':
        question.seqs.forEach((seq, index) => this.texts.set(seq, question.texts[index] ?? ''));
        this.look(question.seqs);
        break;
      case 'forget':
        for (const seq of question.seqs) this.texts.delete(seq);
        break;
      case 'find': {
        const pattern = patternOf(question.query);
        this.search = question.search;
        this.pattern = pattern === 'invalid' ? null : pattern;
        this.waiting = [];
        this.look([...this.texts.keys()].reverse());
        break;
      }
      case 'ranges': {
        const { pattern, asked } = this;
        const { seqs, search } = question;
        const wanted = pattern !== null && search === this.search ? pattern : /(?!)/g;
        const ranges = seqs.map((seq) => rangesIn(this.texts.get(seq) ?? '', wanted));
        this.answer({ kind: 'ranges', search, seqs, ranges, asked, done: !this.going });
      }
    }
  }

  private look(seqs: number[]): void {
    if (this.pattern === null) return;
    for (const seq of seqs) this.waiting.push(seq);
    if (!this.going) this.step();
  }

  private step(): void {
    const { pattern } = this;
    const slice = this.waiting.splice(0, SLICE);
    const found = slice.filter((seq) => {
      const text = this.texts.get(seq);
      if (text === undefined || pattern === null) return false;
      pattern.lastIndex = 0;
      return pattern.test(text);
    });
    this.going = this.waiting.length > 0;
    this.answer({ kind: 'found', search: this.search, seqs: found, asked: this.asked, done: !this.going });
    if (this.going) this.later(() => this.step());
  }
}
