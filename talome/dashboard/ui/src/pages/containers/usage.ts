import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { Container, Usage } from '@/api/types';

/** What each container uses now. It changes every few seconds for all of them, so only the cells that show it listen. */
const usages = new Map<string, Usage | null>();
const listeners = new Set<() => void>();

const listen = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

const NOT_COMPARED = new Set(['usage', 'status']);

/** Whether two states of a container differ in nothing but what it uses. */
export const sameButUsage = (a: Container, b: Container): boolean =>
  (Object.keys(b) as (keyof Container)[]).every((name) => NOT_COMPARED.has(name) || a[name] === b[name]);

/** The same containers, each the same object as long as only its figures change. */
export function useSteady(all: Container[]): (container: Container) => Container {
  const known = useRef(new Map<string, Container>());
  const steady = useMemo(() => {
    const next = new Map<string, Container>();
    for (const container of all) {
      const before = known.current.get(container.id);
      next.set(container.id, before !== undefined && sameButUsage(before, container) ? before : container);
      usages.set(container.id, container.state === 'running' ? container.usage : null);
    }
    known.current = next;
    return next;
  }, [all]);
  useEffect(() => {
    for (const listener of listeners) listener();
  }, [all]);
  return (container) => steady.get(container.id) ?? container;
}

/** One figure of a container as text; null while there is none. Who shows it is drawn anew when the text changes. */
export const useUsageText = (id: string, say: (usage: Usage) => string): string | null =>
  useSyncExternalStore(listen, () => {
    const usage = usages.get(id) ?? null;
    return usage === null ? null : say(usage);
  });
