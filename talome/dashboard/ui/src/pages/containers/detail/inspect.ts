export interface JsonLine {
  number: number;
  text: string;
  depth: number;
}

export interface FoundLine extends JsonLine {
  /** False for a line that only shows where a match stands. */
  found: boolean;
}

/** Pretty-printed JSON as lines with their depth. */
export const toLines = (json: string): JsonLine[] =>
  json.split('\n').map((text, number) => ({ number, text, depth: text.length - text.trimStart().length }));

/** The lines that hold the query, each below the keys it belongs to; all lines without a query. */
export function findLines(lines: JsonLine[], query: string): FoundLine[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return lines.map((line) => ({ ...line, found: false }));
  const matches = new Set(lines.filter(({ text }) => text.toLowerCase().includes(wanted)).map(({ number }) => number));
  const shown = new Set(matches);
  const path: JsonLine[] = [];
  for (const line of lines) {
    while ((path.at(-1)?.depth ?? -1) >= line.depth) path.pop();
    if (matches.has(line.number)) for (const parent of path) shown.add(parent.number);
    path.push(line);
  }
  return lines
    .filter(({ number, depth }) => shown.has(number) && (matches.has(number) || depth > 0))
    .map((line) => ({ ...line, found: matches.has(line.number) }));
}

/** Whether an object or a list begins on this line and has something in it. */
export const opens = ({ text }: JsonLine): boolean => /[{[]$/.test(text);

/** The lines without those inside of what is folded; a folded line ends with "… }" or "… ]". */
export function withoutFolded<T extends JsonLine>(lines: T[], folded: ReadonlySet<number>): T[] {
  const shown: T[] = [];
  let hidden: T | null = null;
  for (const line of lines) {
    if (hidden !== null) {
      if (line.depth > hidden.depth) continue;
      shown.push({ ...hidden, text: `${hidden.text} … ${line.text.trimStart()}` });
      hidden = null;
    } else if (folded.has(line.number) && opens(line)) hidden = line;
    else shown.push(line);
  }
  return shown;
}

/** What stands in front of the colon, for a name. */
export const keyOf = ({ text }: JsonLine): string => /^\s*"((?:[^"\\]|\\.)*)":/.exec(text)?.[1] ?? text.trim();
