import { useEffect, useState } from 'react';
import { sessionProof } from '@/api/session';

/** So many stay, many more than a screen shows; the oldest goes first. */
const MOST = 600;
const AT_ONCE = 4;
/** Rows that are only scrolled past ask for nothing. */
const SETTLE_MS = 120;

const known = new Map<string, string | null>();
const waiting: (() => Promise<void>)[] = [];
let going = 0;

function work(): void {
  while (going < AT_ONCE && waiting.length > 0) {
    going += 1;
    // The last one asked for is the one that is on the screen now.
    void waiting.pop()!().finally(() => {
      going -= 1;
      work();
    });
  }
}

function remember(key: string, address: string | null): void {
  known.set(key, address);
  if (known.size <= MOST) return;
  const [oldest, its] = known.entries().next().value!;
  known.delete(oldest);
  if (its !== null) URL.revokeObjectURL(its);
}

/** An `<img>` cannot carry the proof that the server wants beside the cookie, so the picture is fetched. */
async function load(path: string, signal: AbortSignal): Promise<string | null> {
  const query = new URLSearchParams({ path, size: '256' });
  const answer = await fetch(`/api/files/thumbnail?${query}`, { headers: { 'X-Talome-Proof': sessionProof() ?? '' }, signal });
  return answer.status === 200 ? URL.createObjectURL(await answer.blob()) : null;
}

/** The address of a small picture of a file; null until it is here, and where there is none. */
export function useThumbnail(path: string | undefined, modifiedAt: string | undefined): string | null {
  const key = path === undefined ? null : `${modifiedAt} ${path}`;
  const [, setHere] = useState<string | null>(null);
  useEffect(() => {
    if (key === null || path === undefined || known.has(key)) return;
    const stop = new AbortController();
    const task = async () => {
      if (stop.signal.aborted) return;
      try {
        remember(key, await load(path, stop.signal));
        if (!stop.signal.aborted) setHere(key);
      } catch {
        // Scrolled away, or the server is: it is asked for again when it is next shown.
      }
    };
    const timer = window.setTimeout(() => {
      waiting.push(task);
      work();
    }, SETTLE_MS);
    return () => {
      window.clearTimeout(timer);
      stop.abort();
    };
  }, [key, path]);
  if (key === null) return null;
  return known.get(key) ?? null;
}
