import { t } from '@/i18n';
import type { Entry } from './paletteEntries';

const MOST = 40;
const RECENT = 5;

/** How well an entry answers what was typed: smaller is better, null = not at all. */
function distance(entry: Entry, wanted: string, words: string[]): number | null {
  if (entry.far !== undefined) return entry.far;
  const label = entry.label.toLowerCase();
  if (label.startsWith(wanted)) return 0;
  if (words.every((word) => label.includes(word))) return 1;
  const text = `${label} ${entry.words.toLowerCase()}`;
  if (words.every((word) => text.includes(word))) return 2;
  return words.every((word) => word.length > 2 && holdsInOrder(label, word)) ? 3 : null;
}

/** Whether all letters come in this order, so that a slip of the finger still finds “jellyfin” with “jelfin”. */
function holdsInOrder(text: string, word: string): boolean {
  let at = -1;
  return [...word].every((letter) => (at = text.indexOf(letter, at + 1)) >= 0);
}

/** Entries that hold every typed word, the best of each group first; before anything is typed, what was used last. */
export function search(entries: Entry[], query: string, recent: string[]): Entry[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return opening(entries, recent);
  const words = wanted.split(/\s+/);
  const found = entries.flatMap((entry) => {
    const far = distance(entry, wanted, words);
    return far === null ? [] : [{ entry, far }];
  });
  const best = new Map<string, number>();
  for (const { entry, far } of found) best.set(entry.group, Math.min(best.get(entry.group) ?? far, far));
  const order = [...new Set(entries.map((entry) => entry.group))].sort((a, b) => (best.get(a) ?? 9) - (best.get(b) ?? 9));
  const place = ({ entry, far }: (typeof found)[number]) => order.indexOf(entry.group) * 10 + far;
  return found
    .sort((a, b) => place(a) - place(b))
    .slice(0, MOST)
    .map(({ entry }) => entry);
}

function opening(entries: Entry[], recent: string[]): Entry[] {
  const used = recent.flatMap((id) => entries.find((entry) => entry.id === id) ?? []).slice(0, RECENT);
  const rest = entries.filter((entry) => !entry.onlyWhenSearched && !used.includes(entry));
  return [...used.map((entry) => ({ ...entry, group: t('search.recent') })), ...rest].slice(0, MOST);
}

/** The ids with the newest first, each once. */
export const remembered = (recent: string[], id: string): string[] =>
  [id, ...recent.filter((other) => other !== id)].slice(0, RECENT);
