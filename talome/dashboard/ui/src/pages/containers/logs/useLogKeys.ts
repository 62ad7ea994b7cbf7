import { useEffect, useRef } from 'react';

/** What each key does; the names are those of `KeyboardEvent.key`. */
export type LogKeys = Record<string, () => void>;

/** Keys of the log, wherever the focus is, except where something is typed or chosen. */
export function useLogKeys(keys: LogKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const { target } = event;
      if (target instanceof Element && target.closest('input, textarea, select, [role="dialog"], [role="menu"], [role="listbox"]')) return;
      const act = latest.current[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
