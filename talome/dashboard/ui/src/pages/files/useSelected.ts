import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Entry } from '@/domain/files';
import { keepOnly, NOTHING, press, type Selection } from './selection';

/** What is chosen of the entries that are shown, beginning with the one of a name. */
export function useSelected(entries: readonly Entry[], marked: string | null) {
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const waiting = useRef(marked);
  useEffect(() => {
    waiting.current = marked;
  }, [marked]);
  useEffect(() => {
    const keys = entries.map(({ path }) => path);
    const found = waiting.current === null ? undefined : entries.find(({ name }) => name === waiting.current);
    if (found !== undefined) {
      waiting.current = null;
      setSelection((before) => press(before, keys, found.path));
    } else setSelection((before) => (before === NOTHING ? before : keepOnly(before, keys)));
  }, [entries, marked]);
  const change = useCallback((next: (before: Selection) => Selection) => setSelection(next), []);
  const chosen = useMemo(
    () => (selection.chosen.size === 0 ? [] : entries.filter(({ path }) => selection.chosen.has(path))),
    [entries, selection.chosen],
  );
  return { selection, change, chosen };
}
