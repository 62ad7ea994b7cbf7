import { useEffect } from 'react';

/** The jobs whose progress is open before the person, so that nothing else need tell how they end. */
export const shown = new Set<string>();

export function useShown(job: string): void {
  useEffect(() => {
    shown.add(job);
    return () => void shown.delete(job);
  }, [job]);
}
