/** What a JSON pointer ("/cpu/percent") leads to; undefined where it leads nowhere. */
export function at(value: unknown, pointer: string): unknown {
  let found = value;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replace(/~1/g, '/').replace(/~0/g, '~');
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}

const escaped = (key: string) => key.replace(/~/g, '~0').replace(/\//g, '~1');

export interface Spot {
  pointer: string;
  value: unknown;
}

const DEEPEST = 5;
const MOST = 200;

/** Every place in an answer that a test finds fit, the nearest first; of lists only the first item is looked into. */
export function spots(answer: unknown, fits: (value: unknown) => boolean): Spot[] {
  const found: Spot[] = [];
  const visit = (value: unknown, pointer: string, depth: number) => {
    if (found.length >= MOST) return;
    if (fits(value)) found.push({ pointer, value });
    if (depth >= DEEPEST || typeof value !== 'object' || value === null) return;
    const entries = Array.isArray(value) ? value.slice(0, 1).map((item, index) => [String(index), item]) : Object.entries(value);
    for (const [key, item] of entries) visit(item, `${pointer}/${escaped(String(key))}`, depth + 1);
  };
  visit(answer, '', 0);
  return found;
}

export const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);
export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
export const isNumberList = (value: unknown): value is (number | null)[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => item === null || isNumber(item));

/** "/cpu/percent" as words: "cpu › percent". */
export const spoken = (pointer: string): string =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~').replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase())
    .join(' › ');
