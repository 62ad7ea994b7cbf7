/** `lost` = the page was loaded again: the server has a part of it, and the file has to be chosen once more. */
export type State = 'waiting' | 'sending' | 'paused' | 'conflict' | 'failed' | 'lost' | 'done' | 'skipped';

export type OnConflict = 'fail' | 'keep_both' | 'replace' | 'skip';

/** One file on its way to the server. */
export interface Upload {
  id: string;
  name: string;
  /** The folder that it was dropped on, as the server has it. */
  into: string;
  /** What people call that folder. */
  place: string;
  /** Where it lies below that: '' or 'photos/2026'. */
  folder: string;
  size: number;
  modifiedMs: number;
  sent: number;
  state: State;
  /** Why it does not go on, in words. */
  reason: string | null;
  /** Where it is sent to, once the server knows of it. */
  url: string | null;
  onConflict: OnConflict;
}

/** What the browser remembers of it. */
export type Kept = Pick<Upload, 'id' | 'name' | 'into' | 'place' | 'folder' | 'size' | 'modifiedMs' | 'url'>;

export const isOpen = ({ state }: Upload): boolean => state !== 'done' && state !== 'skipped';
export const isGoing = ({ state }: Upload): boolean => state === 'waiting' || state === 'sending';

/** Whether a file is the one that was being sent: browsers tell no more of a file than these. */
export const isSame = (upload: Kept, file: { name: string; size: number; lastModified: number }): boolean =>
  upload.name === file.name && upload.size === file.size && upload.modifiedMs === file.lastModified;

export interface Totals {
  files: number;
  done: number;
  going: number;
  /** Those that wait for the person. */
  stuck: number;
  bytes: number;
  sent: number;
}

export function totals(uploads: readonly Upload[]): Totals {
  const sums: Totals = { files: 0, done: 0, going: 0, stuck: 0, bytes: 0, sent: 0 };
  for (const each of uploads) {
    if (each.state === 'skipped') continue;
    sums.files += 1;
    sums.bytes += each.size;
    sums.sent += each.state === 'done' ? each.size : each.sent;
    if (each.state === 'done') sums.done += 1;
    else if (isGoing(each)) sums.going += 1;
    else if (each.state !== 'paused') sums.stuck += 1;
  }
  return sums;
}

const RANK: Record<State, number> = { conflict: 0, failed: 1, lost: 2, sending: 3, paused: 4, waiting: 5, done: 6, skipped: 7 };

/** First what wants an answer, then what goes on, then the rest. */
export const inOrder = (uploads: readonly Upload[]): Upload[] => [...uploads].sort((a, b) => RANK[a.state] - RANK[b.state]);

/** What was kept, as far as it still has the right shape. */
export function readKept(text: string | null): Kept[] {
  let list: unknown;
  try {
    list = JSON.parse(text ?? '[]');
  } catch {
    return [];
  }
  if (!Array.isArray(list)) return [];
  return list.filter((each: Partial<Kept> | null): each is Kept => {
    const texts = [each?.id, each?.name, each?.into, each?.place, each?.folder, each?.url];
    return texts.every((one) => typeof one === 'string') && Number.isFinite(each?.size) && Number.isFinite(each?.modifiedMs);
  });
}
