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
