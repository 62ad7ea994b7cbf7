import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { live } from '@/live';
import { LiveStream, useStream } from '@/live/stream';

const REST_MS = 1500;

/** How many calls ended since somebody looks. */
const ended = new LiveStream<number, unknown>(live, 'gateway_calls.watch', {}, (count) => (count ?? 0) + 1);

/** Asks for the figures again when a call ended, but not all the time where calls never stop. */
export function useFresh(): void {
  const queries = useQueryClient();
  const { data: count } = useStream(ended, true);
  const waiting = useRef(false);
  useEffect(() => {
    if (count === null || waiting.current) return;
    waiting.current = true;
    setTimeout(() => {
      waiting.current = false;
      void queries.invalidateQueries({ queryKey: ['ai'] });
    }, REST_MS);
  }, [count, queries]);
}
