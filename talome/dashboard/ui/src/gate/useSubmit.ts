import { useState } from 'react';
import { ApiError } from '@/api/errors';
import { useCountdown } from './throttle';

export interface Submission {
  busy: boolean;
  error: unknown;
  /** Seconds during which the server accepts no further try. */
  waitS: number;
  submit: (send: () => Promise<void>) => void;
}

const DEFAULT_WAIT_S = 30;

/** Sends a form once at a time and keeps the refusal; a throttled form counts down before it can be sent again. */
export function useSubmit(): Submission {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [waitS, startWait] = useCountdown();

  const submit = (send: () => Promise<void>) => {
    if (busy || waitS > 0) return;
    setBusy(true);
    setError(null);
    send()
      .catch((failure: unknown) => {
        if (failure instanceof ApiError && failure.status === 429) startWait(failure.retryAfterS ?? DEFAULT_WAIT_S);
        else setError(failure);
      })
      .finally(() => setBusy(false));
  };
  return { busy, error, waitS, submit };
}
