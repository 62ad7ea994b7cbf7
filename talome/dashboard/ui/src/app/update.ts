import { useSyncExternalStore } from 'react';

/** Written into the page by the build; the server's build.json has the same until it serves another release. */
const BUILD = document.querySelector('meta[name="build"]')?.getAttribute('content') ?? null;
const EVERY_MS = 3_600_000;

let ready = false;
const listeners = new Set<() => void>();

function set(value: boolean): void {
  if (ready === value) return;
  ready = value;
  for (const listener of listeners) listener();
}

/** The person saw it and wants to go on. The next release, or the next look, tells again. */
export const putOff = (): void => set(false);

export const useUpdateReady = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => ready,
  );

let lookedAt = Date.now();

/** Whether the server serves another build than this page's; null where it does not say. Another one is announced. */
export async function lookForUpdate(): Promise<boolean | null> {
  lookedAt = Date.now();
  if (BUILD === null) return null;
  try {
    const response = await fetch('/build.json', { cache: 'no-store' });
    const { build } = (await response.json()) as { build?: unknown };
    if (!response.ok || typeof build !== 'string') return null;
    set(build !== BUILD);
    return build !== BUILD;
  } catch {
    return null;
  }
}

/** A page that stays open for days looks when somebody comes back to it. */
export function lookNowAndThen(): void {
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && Date.now() - lookedAt > EVERY_MS) void lookForUpdate();
  });
}
