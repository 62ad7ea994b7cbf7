import { useCallback, useState } from 'react';

/** State that this browser remembers. A value that no longer has the right shape is replaced by the default. */
export function useStored<T extends object>(key: string, initial: T): [T, (change: Partial<T>) => void] {
  const [value, setValue] = useState<T>(() => read(key, initial));
  const change = useCallback(
    (part: Partial<T>) =>
      setValue((previous) => {
        const next = { ...previous, ...part };
        write(key, next);
        return next;
      }),
    [key],
  );
  return [value, change];
}

export function read<T extends object>(key: string, initial: T): T {
  try {
    const known: unknown = JSON.parse(localStorage.getItem(`talome.${key}`) ?? '{}');
    if (typeof known !== 'object' || known === null) return initial;
    const fitting = Object.entries(known).filter(
      ([name, each]) => name in initial && typeof each === typeof initial[name as keyof T],
    );
    return { ...initial, ...Object.fromEntries(fitting) };
  } catch {
    return initial;
  }
}

function write(key: string, value: object): void {
  try {
    localStorage.setItem(`talome.${key}`, JSON.stringify(value));
  } catch {
    // Storage is full or switched off: the choice lasts as long as the page.
  }
}
