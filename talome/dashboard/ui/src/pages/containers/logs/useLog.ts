import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { Container } from '@/api/types';
import { isRunning } from '@/domain/containers';
import { live } from '@/live';
import { isoOf } from './time';
import { LogModel } from './model';
import type { LogSettings } from './settings';

const MINUTE_MS = 60_000;
/** How long a container without output may take before "nothing yet" is said. */
const QUIET_MS = 700;

/** Where to begin, for a setting of so many minutes. */
export const sinceOf = (minutes: number): string | null => (minutes === 0 ? null : isoOf(Date.now() - minutes * MINUTE_MS));

interface Log {
  model: LogModel;
  /** It is certain by now that nothing has been written. */
  quiet: boolean;
  retry: () => void;
}

/** The log of one or more containers, followed as long as it is shown. */
export function useLog(containers: Container[], settings: LogSettings): Log {
  const { tail, sinceMinutes, level, stream } = settings;
  const [attempt, setAttempt] = useState(0);
  const ids = containers.map(({ id }) => id).join();
  const model = useMemo(
    () => {
      const all = ids.split(',');
      return new LogModel(live, all, { tail: Math.ceil(tail / all.length), since: sinceOf(sinceMinutes) });
    },
    // A new try begins with a new log.
    [ids, tail, sinceMinutes, attempt],
  );
  useSyncExternalStore(model.listen, model.getVersion);
  useEffect(() => () => model.close(), [model]);
  useEffect(() => model.narrow({ level, stream }), [model, level, stream]);
  // A container that starts again goes on writing: its log is followed further.
  const running = containers.map(isRunning).join();
  useEffect(() => {
    const stops = model.feeds.map((feed) => feed.follow());
    return () => {
      for (const stop of stops) stop();
    };
  }, [model, running]);
  return { model, quiet: useQuiet(model), retry: () => setAttempt(attempt + 1) };
}

function useQuiet(model: LogModel): boolean {
  const [quietModel, setQuietModel] = useState<LogModel | null>(null);
  useEffect(() => {
    const timer = window.setTimeout(() => setQuietModel(model), QUIET_MS);
    return () => window.clearTimeout(timer);
  }, [model]);
  return quietModel === model;
}
