export interface Piece {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** So many words are compared; of longer texts the whole middle counts as changed. */
const MOST = 1500;
const split = (text: string): string[] => text.match(/\s+|[^\s]+/g) ?? [];

/** What changed between two texts, word by word: the longest common subsequence of what is between equal ends. */
export function differences(before: string, after: string): Piece[] {
  const [a, b] = [split(before), split(after)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const middle = between(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return joined([
    ...a.slice(0, start).map((text): Piece => ({ kind: 'same', text })),
    ...middle,
    ...a.slice(a.length - end).map((text): Piece => ({ kind: 'same', text })),
  ]);
}

function between(a: string[], b: string[]): Piece[] {
  const whole: Piece[] = [
    { kind: 'removed', text: a.join('') },
    { kind: 'added', text: b.join('') },
  ];
  if (a.length === 0 || b.length === 0 || a.length > MOST || b.length > MOST) return whole.filter(({ text }) => text !== '');
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number): number => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pieces: Piece[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      pieces.push({ kind: 'same', text: a[i] ?? '' });
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) pieces.push({ kind: 'removed', text: a[i++] ?? '' });
    else pieces.push({ kind: 'added', text: b[j++] ?? '' });
  }
  for (; i < a.length; i += 1) pieces.push({ kind: 'removed', text: a[i] ?? '' });
  for (; j < b.length; j += 1) pieces.push({ kind: 'added', text: b[j] ?? '' });
  return pieces;
}

/** Neighbours of one kind as one piece; what was removed stands before what came for it. */
function joined(pieces: Piece[]): Piece[] {
  const found: Piece[] = [];
  let [removed, added] = ['', ''];
  const flush = () => {
    if (removed !== '') found.push({ kind: 'removed', text: removed });
    if (added !== '') found.push({ kind: 'added', text: added });
    [removed, added] = ['', ''];
  };
  pieces.forEach(({ kind, text }, index) => {
    const inside = kind === 'same' && text.trim() === '' && (removed !== '' || added !== '') && pieces[index + 1]?.kind !== 'same';
    if (kind === 'removed' || inside) removed += text;
    if (kind === 'added' || inside) added += text;
    if (kind !== 'same' || inside) return;
    flush();
    const last = found.at(-1);
    if (last?.kind === 'same') last.text += text;
    else found.push({ kind, text });
  });
  flush();
  return found;
}
