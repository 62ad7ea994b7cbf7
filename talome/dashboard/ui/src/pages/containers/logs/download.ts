import type { LogBatch } from '@/api/types';
import { type Entry, entryOf } from './buffer';
import { textOf, type TextForm } from './choice';
import type { Source } from './feed';
import { Clock } from './time';


interface Wanted {
  ids: string[];
  since: string | null;
  form: TextForm;
}

interface Told {
  onProgress: (lines: number) => void;
  onReady: (file: Blob) => void;
  onFailed: (sentence: string) => void;
}

/** Lines as parts of a file: one long text would be copied again and again. */
export const partsOf = (entries: Entry[], form: TextForm): string[] => entries.map((entry) => `${textOf(entry, form)}\n`);

/** Reads logs from the server, from end to end, into a file. Several are put in the order of their times. */
export function collect(live: Source, { ids, since, form }: Wanted, { onProgress, onReady, onFailed }: Told): () => void {
  const several = ids.length > 1;
  // One part for each batch of a single log; several have to be sorted in the end.
  const read: Entry[][] = ids.map(() => []);
  let parts: Blob[] = [];
  let single = 0;
  let open = ids.length;
  const clock = new Clock();
  const stops = ids.map((id, index) =>
    live.subscribe({
      operation: 'containers.read_logs',
      // Asked again after a lost connection: then it begins anew.
      arguments: () => {
        read[index] = [];
        parts = [];
        single = 0;
        return { id, ...(since !== null && { since }) };
      },
      onData: (item) => {
        const entries = (item as LogBatch).lines.map((line) => entryOf(line, clock.read(line.at), index));
        if (several) read[index] = (read[index] ?? []).concat(entries);
        else parts.push(new Blob(partsOf(entries, form)));
        single += several ? 0 : entries.length;
        onProgress(single + read.reduce((sum, each) => sum + each.length, 0));
      },
      onEnd: () => {
        open -= 1;
        if (open > 0) return;
        const whole = several ? partsOf(read.flat().sort((a, b) => a.at - b.at), form) : parts;
        onReady(new Blob(whole, { type: 'text/plain;charset=utf-8' }));
      },
      onError: ({ error }) => {
        for (const stop of stops) stop();
        onFailed(error);
      },
    }),
  );
  return () => {
    for (const stop of stops) stop();
  };
}
