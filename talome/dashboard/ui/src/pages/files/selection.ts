/** What is chosen of a list, where the keyboard is, and from where a range is drawn. */
export interface Selection {
  chosen: ReadonlySet<string>;
  cursor: string | null;
  anchor: string | null;
}

export const NOTHING: Selection = { chosen: new Set(), cursor: null, anchor: null };

interface Keys {
  /** Ctrl or Cmd: adds or takes away one. */
  toggle?: boolean;
  /** Shift: everything from the anchor to here. */
  range?: boolean;
}

function between(keys: readonly string[], one: string | null, other: string): string[] {
  const to = keys.indexOf(other);
  const from = one === null ? to : keys.indexOf(one);
  if (to < 0) return [];
  return from < 0 ? [other] : keys.slice(Math.min(from, to), Math.max(from, to) + 1);
}

/** After one of them was clicked. */
export function press(before: Selection, keys: readonly string[], key: string, { toggle, range }: Keys = {}): Selection {
  if (range) {
    const anchor = before.anchor ?? before.cursor ?? key;
    const reached = between(keys, anchor, key);
    return { chosen: new Set(toggle ? [...before.chosen, ...reached] : reached), cursor: key, anchor };
  }
  if (!toggle) return { chosen: new Set([key]), cursor: key, anchor: key };
  const chosen = new Set(before.chosen);
  if (!chosen.delete(key)) chosen.add(key);
  return { chosen, cursor: key, anchor: key };
}

/** After the keyboard moved by so many places. It stays inside of the list; Ctrl moves without choosing. */
export function step(before: Selection, keys: readonly string[], by: number, { toggle, range }: Keys = {}): Selection {
  if (keys.length === 0) return before;
  const at = before.cursor === null ? -1 : keys.indexOf(before.cursor);
  const last = keys.length - 1;
  // From nowhere a step leads to the near end, and the way through all of them to the far one.
  const start = (by > 0) === (Math.abs(by) < keys.length) ? 0 : last;
  const next = at < 0 ? start : Math.max(0, Math.min(last, at + by));
  const key = keys[next]!;
  if (toggle && !range) return { ...before, cursor: key };
  return press(before, keys, key, { range });
}

/** The ones that are no longer there are not chosen. */
export function keepOnly(before: Selection, keys: readonly string[]): Selection {
  const there = new Set(keys);
  const chosen = [...before.chosen].filter((key) => there.has(key));
  const cursor = before.cursor !== null && there.has(before.cursor) ? before.cursor : null;
  const anchor = before.anchor !== null && there.has(before.anchor) ? before.anchor : null;
  if (chosen.length === before.chosen.size && cursor === before.cursor && anchor === before.anchor) return before;
  return { chosen: new Set(chosen), cursor, anchor };
}

/** The first after the cursor whose name begins with what was typed, going around at the end. */
export function typedAhead<T>(items: readonly T[], from: number, typed: string, nameOf: (item: T) => string): T | undefined {
  const wanted = typed.toLowerCase();
  const start = typed.length > 1 ? Math.max(from, 0) : from + 1;
  for (let step = 0; step < items.length; step += 1) {
    const item = items[(start + step) % items.length]!;
    if (nameOf(item).toLowerCase().startsWith(wanted)) return item;
  }
  return undefined;
}
