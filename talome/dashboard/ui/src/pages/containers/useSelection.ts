import { useMemo, useState } from 'react';
import type { Container } from '@/api/types';

export interface Selection {
  chosen: Container[];
  has: (id: string) => boolean;
  /** Adds or takes away all of the given containers. */
  set: (containers: Container[], on: boolean) => void;
  clear: () => void;
}

/** The containers that have been ticked; those that disappear are no longer chosen. */
export function useSelection(all: Container[] | undefined): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const chosen = useMemo(() => (all ?? []).filter(({ id }) => ids.has(id)), [all, ids]);
  return {
    chosen,
    has: (id) => ids.has(id),
    set: (containers, on) =>
      setIds((previous) => {
        const next = new Set(previous);
        for (const { id } of containers) {
          if (on) next.add(id);
          else next.delete(id);
        }
        return next;
      }),
    clear: () => setIds(new Set()),
  };
}
