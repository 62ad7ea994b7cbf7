import { useEffect, useState } from 'react';

const QUIET_MS = 350;

/** A value once it has stopped changing, so that not every keystroke asks the server. */
export function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), QUIET_MS);
    return () => window.clearTimeout(timer);
  }, [value]);
  return settled;
}
