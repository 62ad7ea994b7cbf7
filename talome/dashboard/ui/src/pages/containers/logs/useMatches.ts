import { useState } from 'react';
import type { Entry } from './buffer';
import type { LogModel } from './model';
import type { Position } from './usePosition';

interface Matches {
  current: Entry | null;
  /** Place of the current match among all, from 1; 0 = none. */
  place: number;
  step: (direction: 1 | -1) => void;
}

/** Goes from match to match, round and round. */
export function useMatches(model: LogModel, position: Position): Matches {
  const [at, setAt] = useState<{ entry: Entry; search: number; place: number } | null>(null);
  const { number } = model.search;
  const here = at !== null && number > 0 && at.search === number && !at.entry.gone ? at : null;
  const step = (direction: 1 | -1) => {
    const found = model.shown.lines.filter(({ hit }) => hit === number);
    if (number === 0 || found.length === 0) return;
    const before = here === null ? -1 : found.indexOf(here.entry);
    // The first step goes to the newest match: that is the one in view while the log is followed.
    const next = before < 0 ? found.length - 1 : (before + direction + found.length) % found.length;
    const entry = found[next];
    if (entry === undefined) return;
    setAt({ entry, search: number, place: next + 1 });
    position.show(entry);
  };
  return { current: here?.entry ?? null, place: here?.place ?? 0, step };
}
