/** Text of a markdown file as a tree. Nothing of it is ever HTML: what looks like a tag is text as any other. */
export type Inline =
  | { type: 'text' | 'code'; text: string }
  | { type: 'strong' | 'em' | 'del'; children: Inline[] }
  | { type: 'link'; href: string; children: Inline[] };

export type Block =
  | { type: 'heading'; level: number; children: Inline[] }
  | { type: 'paragraph'; children: Inline[] }
  | { type: 'code'; text: string }
  | { type: 'rule' }
  | { type: 'quote'; blocks: Block[] }
  | { type: 'list'; ordered: boolean; start: number; items: { done: boolean | null; blocks: Block[] }[] }
  | { type: 'table'; head: Inline[][]; rows: Inline[][][] };

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^ {0,3}([-*_])(\s*\1){2,}\s*$/;
const QUOTE = /^ {0,3}>\s?/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])(\s+|$)/;
const TASK = /^\[([ xX])\]\s+/;
const DIVIDER = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const SAFE = /^(https?:|mailto:)/i;
/** A file may be nested as deep as somebody likes; nobody reads further than this. */
const DEEPEST = 12;

export function parse(source: string, depth = 0): Block[] {
  const lines = source.replace(/\r\n?/g, '\n').split('\n');
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at]!;
    if (line.trim() === '') at += 1;
    else at = readBlock(lines, at, blocks, depth);
  }
  return blocks;
}

function readBlock(lines: string[], at: number, blocks: Block[], depth: number): number {
  const line = lines[at]!;
  const fence = FENCE.exec(line);
  if (fence) return readFence(lines, at, fence[1]!, blocks);
  const heading = HEADING.exec(line);
  if (heading) {
    blocks.push({ type: 'heading', level: heading[1]!.length, children: inline(heading[2]!) });
    return at + 1;
  }
  if (RULE.test(line)) {
    blocks.push({ type: 'rule' });
    return at + 1;
  }
  if (depth < DEEPEST && QUOTE.test(line)) return readQuote(lines, at, blocks, depth);
  if (depth < DEEPEST && ITEM.test(line)) return readList(lines, at, blocks, depth);
  if (line.includes('|') && DIVIDER.test(lines[at + 1] ?? '') && lines[at + 1]!.includes('-')) return readTable(lines, at, blocks);
  return readParagraph(lines, at, blocks);
}

function readFence(lines: string[], at: number, fence: string, blocks: Block[]): number {
  const text: string[] = [];
  let next = at + 1;
  while (next < lines.length && !lines[next]!.trimStart().startsWith(fence)) text.push(lines[next++]!);
  blocks.push({ type: 'code', text: text.join('\n') });
  return next + 1;
}

function readQuote(lines: string[], at: number, blocks: Block[], depth: number): number {
  const inner: string[] = [];
  let next = at;
  while (next < lines.length && QUOTE.test(lines[next]!)) inner.push(lines[next++]!.replace(QUOTE, ''));
  blocks.push({ type: 'quote', blocks: parse(inner.join('\n'), depth + 1) });
  return next;
}

const isOrdered = (marker: string): boolean => /\d/.test(marker);

function readList(lines: string[], at: number, blocks: Block[], depth: number): number {
  const ordered = isOrdered(ITEM.exec(lines[at]!)![2]!);
  const items: { done: boolean | null; blocks: Block[] }[] = [];
  let next = at;
  for (let found = ITEM.exec(lines[next]!); found !== null && isOrdered(found[2]!) === ordered; ) {
    const indent = found[0].length;
    const own = [lines[next]!.slice(indent)];
    next += 1;
    while (next < lines.length && belongs(lines, next, found[1]!.length + 2)) {
      own.push(lines[next]!.replace(new RegExp(`^ {0,${indent}}`), ''));
      next += 1;
    }
    const task = TASK.exec(own[0]!);
    if (task) own[0] = own[0]!.slice(task[0].length);
    items.push({ done: task ? task[1] !== ' ' : null, blocks: parse(own.join('\n'), depth + 1) });
    found = next < lines.length ? ITEM.exec(lines[next]!) : null;
  }
  blocks.push({ type: 'list', ordered, start: ordered ? Number.parseInt(lines[at]!.trim(), 10) : 1, items });
  return next;
}

/** Whether a line goes on with an item: it is indented, or an empty line before one that is. */
function belongs(lines: string[], at: number, least: number): boolean {
  const line = lines[at]!;
  if (line.trim() === '') return at + 1 < lines.length && /^\s/.test(lines[at + 1]!) && lines[at + 1]!.trim() !== '';
  return line.search(/\S/) >= least;
}

function readTable(lines: string[], at: number, blocks: Block[]): number {
  const head = cells(lines[at]!);
  const rows: Inline[][][] = [];
  let next = at + 2;
  while (next < lines.length && lines[next]!.includes('|')) {
    const row = cells(lines[next++]!);
    rows.push(head.map((_, index) => row[index] ?? []));
  }
  blocks.push({ type: 'table', head, rows });
  return next;
}

const cells = (line: string): Inline[][] =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => inline(cell.trim()));

function readParagraph(lines: string[], at: number, blocks: Block[]): number {
  const text: string[] = [];
  let next = at;
  do text.push(lines[next++]!.trim());
  while (next < lines.length && lines[next]!.trim() !== '' && !startsBlock(lines[next]!));
  blocks.push({ type: 'paragraph', children: inline(text.join(' ')) });
  return next;
}

const startsBlock = (line: string): boolean =>
  [FENCE, HEADING, RULE, QUOTE, ITEM].some((start) => start.test(line));

// Each alternative begins with another sign and repeats no class inside of another, so that no text makes it slow.
const SPAN =
  /(`+)([^`]+)\1|!?\[([^\][]*)\]\(([^()\s]*)(?:\s+"[^"]*")?\)|\*\*([^*]+)\*\*|__([^_]+)__|~~([^~]+)~~|\*([^*\s][^*]*)\*|\b_([^_\s][^_]*)_\b|<?(https?:\/\/[^\s<>()]+[^\s<>().,;:!?])>?/;

export function inline(text: string, depth = 0): Inline[] {
  const found: Inline[] = [];
  let rest = text;
  while (rest !== '') {
    const span = depth < DEEPEST ? SPAN.exec(rest) : null;
    if (span === null) {
      found.push({ type: 'text', text: rest });
      break;
    }
    if (span.index > 0) found.push({ type: 'text', text: rest.slice(0, span.index) });
    found.push(spanOf(span, depth + 1));
    rest = rest.slice(span.index + span[0].length);
  }
  return found;
}

function spanOf(span: RegExpExecArray, depth: number): Inline {
  const [whole, , code, label, href, strong, strong2, del, em, em2, bare] = span;
  if (code !== undefined) return { type: 'code', text: code.trim() };
  if (label !== undefined) return linkOf(whole, label || href!, href!, depth);
  if (strong !== undefined || strong2 !== undefined) return { type: 'strong', children: inline(strong ?? strong2!, depth) };
  if (del !== undefined) return { type: 'del', children: inline(del, depth) };
  if (em !== undefined || em2 !== undefined) return { type: 'em', children: inline(em ?? em2!, depth) };
  return { type: 'link', href: bare!, children: [{ type: 'text', text: bare! }] };
}

/** A link leads to the web or to a mail; anything else, such as a script, stays the text that it is. */
function linkOf(whole: string, label: string, href: string, depth: number): Inline {
  if (!SAFE.test(href)) return { type: 'text', text: whole.startsWith('!') ? label : `${label} (${href})` };
  return { type: 'link', href, children: inline(label, depth) };
}
