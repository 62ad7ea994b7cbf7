import { ApiError } from '@/api/errors';
import { explain } from '@/components/explain';
import { backoffMs } from '@/live/backoff';
import { begin, keptAs } from './begun';
import type { Picked } from './pick';
import { Speed } from './speed';
import * as tus from './tus';
import { isGoing, isOpen, isSame, type Kept, type OnConflict, readKept, type Upload } from './upload';

const MOST_KEPT = 200;
const AT_ONCE = 3;
const MOST_TRIES = 6;
const TELL_MS = 150;
const ADDRESS = '/api/files/uploads';

type Listener = () => void;

/** Everything that is being uploaded. It belongs to the tab, not to a page, so that going elsewhere stops nothing. */
class Uploads {
  private list: readonly Upload[] = [];
  private user: string | null = null;
  private readonly files = new Map<string, File>();
  private readonly stops = new Map<string, AbortController>();
  private readonly listeners = new Set<Listener>();
  private readonly speed = new Speed();
  private telling: number | undefined;

  readonly all = (): readonly Upload[] => this.list;

  readonly listen = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Finds what this person was sending before the page was loaded again. */
  openFor(user: string): void {
    if (this.user === user) return;
    this.user = user;
    const left = readKept(stored(keptAs(user)));
    if (left.length === 0) return;
    this.list = left.map(lost);
    begin();
    for (const { id, url } of left) if (url !== null) void this.lookAt(id, url);
  }

  /** How much of it the server has; what it no longer knows has ended. */
  private async lookAt(id: string, url: string): Promise<void> {
    try {
      const sent = await tus.offsetOf(url, new AbortController().signal);
      if (this.find(id)?.state === 'lost') this.change(id, { sent });
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.status === 410)) this.set(this.list.filter((each) => each.id !== id));
    }
  }

  /** Bytes a second of all of them together. */
  rate(): number | null {
    return this.speed.rate(Date.now());
  }

  add(picked: readonly Picked[], into: string, place: string): void {
    const rest = picked.filter((each) => !this.takeUp(each, into));
    const added = rest.map(({ file, folder }) => fresh(file, folder, into, place));
    added.forEach((upload, index) => this.files.set(upload.id, rest[index]!.file));
    this.set([...this.list, ...added]);
    begin();
    this.work();
  }

  /** Goes on with files that were being sent when the page was loaded again; the others are left alone. */
  again(files: readonly File[]): number {
    return files.filter((file) => this.takeUp({ file, folder: null }, null)).length;
  }

  pause(id: string): void {
    this.change(id, { state: 'paused' });
    this.stops.get(id)?.abort();
  }

  resume(id: string): void {
    this.change(id, { state: 'waiting', reason: null });
    this.work();
  }

  pauseAll(): void {
    for (const { id } of this.list.filter(isGoing)) this.pause(id);
  }

  resumeAll(): void {
    for (const { id } of this.list.filter(({ state }) => state === 'paused')) this.resume(id);
  }

  /** Says what is to become of a name that is taken; with `all` of every name that is or will be. */
  answer(id: string, onConflict: OnConflict, all: boolean): void {
    const asked = all ? this.list.filter((each) => each.state === 'conflict' || isGoing(each)) : this.list.filter((each) => each.id === id);
    for (const each of asked) {
      if (each.state !== 'conflict') this.change(each.id, { onConflict });
      else if (onConflict === 'skip') this.change(each.id, { state: 'skipped' });
      else this.change(each.id, { onConflict, state: 'waiting', reason: null });
    }
    this.work();
  }

  cancel(id: string): void {
    const upload = this.find(id);
    this.stops.get(id)?.abort();
    this.files.delete(id);
    this.set(this.list.filter((each) => each.id !== id));
    // A part that cannot be taken back now is thrown away by the server after a while.
    if (upload?.url) void tus.discard(upload.url).catch(() => undefined);
    this.work();
  }

  /** Takes what has ended off the list. */
  clear(): void {
    this.set(this.list.filter(isOpen));
  }

  private find(id: string): Upload | undefined {
    return this.list.find((each) => each.id === id);
  }

  /** Gives a file back to the upload that lost it. */
  private takeUp({ file, folder }: { file: File; folder: string | null }, into: string | null): boolean {
    const upload = this.list.find(
      (each) =>
        each.state === 'lost' &&
        isSame(each, file) &&
        (into === null || each.into === into) &&
        (folder === null || each.folder === folder),
    );
    if (upload === undefined) return false;
    this.files.set(upload.id, file);
    this.resume(upload.id);
    return true;
  }

  private work(): void {
    const sending = this.list.filter(({ state }) => state === 'sending').length;
    const next = this.list.filter(({ id, state }) => state === 'waiting' && !this.stops.has(id)).slice(0, AT_ONCE - sending);
    for (const { id } of next) void this.run(id);
  }

  private async run(id: string): Promise<void> {
    const stop = new AbortController();
    this.stops.set(id, stop);
    this.change(id, { state: 'sending', reason: null });
    try {
      for (let tries = 0; ; ) {
        const before = this.find(id)?.sent ?? 0;
        try {
          await this.send(id, stop.signal);
          this.change(id, { state: 'done', reason: null });
          this.files.delete(id);
          break;
        } catch (error) {
          if ((this.find(id)?.sent ?? 0) > before) tries = 0;
          if (!passes(error) || ++tries > MOST_TRIES) throw error;
          await pause(backoffMs(tries), stop.signal);
        }
      }
    } catch (error) {
      if (!stop.signal.aborted) this.ended(id, error);
    } finally {
      this.stops.delete(id);
      this.work();
    }
  }

  private ended(id: string, error: unknown): void {
    const { why, advice, what } = explain(error);
    const taken = error instanceof ApiError && error.code === TAKEN;
    if (taken) this.change(id, { state: 'conflict', reason: why, url: null, sent: 0 });
    else this.change(id, { state: 'failed', reason: [why ?? what, advice].join(' ') });
  }

  private async send(id: string, signal: AbortSignal): Promise<void> {
    const file = this.files.get(id);
    const upload = this.find(id);
    if (file === undefined || upload === undefined) throw new DOMException('Stopped', 'AbortError');
    let { url } = upload;
    let offset: number | null = null;
    if (url !== null) {
      offset = await tus.offsetOf(url, signal).catch((error: unknown) => {
        if (error instanceof ApiError && (error.status === 404 || error.status === 410)) return null;
        throw error;
      });
    }
    if (url === null || offset === null) {
      url = await tus.create(ADDRESS, file.size, metadataOf(upload), signal);
      offset = 0;
    }
    this.change(id, { url, sent: offset });
    while (offset < file.size) {
      const from: number = offset;
      let told = 0;
      const onSent = (sent: number) => {
        this.speed.add(sent - told, Date.now());
        told = sent;
        this.change(id, { sent: from + sent });
      };
      offset = await tus.sendPiece(url, file, from, onSent, signal);
      this.change(id, { sent: offset });
    }
  }

  private change(id: string, part: Partial<Upload>): void {
    this.set(this.list.map((each) => (each.id === id ? { ...each, ...part } : each)));
  }

  private set(list: readonly Upload[]): void {
    this.list = list;
    if (this.telling !== undefined) return;
    this.telling = window.setTimeout(() => {
      this.telling = undefined;
      if (this.user !== null) keep(keptAs(this.user), this.list);
      for (const listener of this.listeners) listener();
    }, TELL_MS);
  }
}

/** What the server calls a name that another file has. */
const TAKEN = 'exists';

const fresh = (file: File, folder: string, into: string, place: string): Upload => ({
  id: `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`,
  name: file.name,
  into,
  place,
  folder,
  size: file.size,
  modifiedMs: file.lastModified,
  sent: 0,
  state: 'waiting',
  reason: null,
  url: null,
  onConflict: 'fail',
});

const lost = (kept: Kept): Upload => ({ ...kept, sent: 0, state: 'lost', reason: null, onConflict: 'fail' });

const metadataOf = ({ name, into, folder, modifiedMs, onConflict }: Upload): Record<string, string> => ({
  filename: name,
  path: folder === '' ? into : `${into}/${folder}`,
  onConflict,
  modifiedAt: String(modifiedMs),
});

/** Worth another try: the network, or a server that is starting. */
const passes = (error: unknown): boolean =>
  error instanceof ApiError && (error.unreachable || [409, 423, 429, 502, 503, 504].includes(error.status)) && error.code !== TAKEN;

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = () => {
      window.clearTimeout(timer);
      window.removeEventListener('online', early);
    };
    const early = () => {
      end();
      resolve();
    };
    const timer = window.setTimeout(early, ms);
    // The network is back: there is nothing to wait for.
    window.addEventListener('online', early);
    signal.addEventListener('abort', () => {
      end();
      reject(new DOMException('Stopped', 'AbortError'));
    });
  });

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key: string, list: readonly Upload[]): void {
  const kept = list
    .filter((each) => isOpen(each) && each.url !== null)
    .slice(0, MOST_KEPT)
    .map(({ id, name, into, place, folder, size, modifiedMs, url }) => ({ id, name, into, place, folder, size, modifiedMs, url }));
  try {
    if (kept.length === 0) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // Storage is full or switched off: the uploads last as long as the page.
  }
}

export const uploads = new Uploads();
