import { useEffect, useState } from 'react';

const QUIET_MS = 350;

/** A value once it has stopped changing for a while, so that not every keystroke asks the server. */
export function useSettled<T>(value: T, quietMs = QUIET_MS): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), quietMs);
    return () => window.clearTimeout(timer);
  }, [value, quietMs]);
  return settled;
}
