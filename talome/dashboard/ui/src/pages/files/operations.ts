import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import type { Job } from '@/api/types';
import { shown } from '@/components/shownJobs';
import { toast, toastError } from '@/components/toasts';
import { FILES, joined, nameOf, parentOf, shownName } from '@/domain/files';
import { t } from '@/i18n';
import { follow } from './follow';

export type OnConflict = 'fail' | 'keep_both' | 'replace' | 'skip';

/** Names that are taken where something is to go, and the way on once it is said what becomes of them. */
export interface Taken {
  names: string[];
  go: (onConflict: OnConflict) => Promise<void>;
}

type Ask = (taken: Taken) => void;

const TAKEN = 'exists';

/** The names that the server says are taken; null where something else went wrong. */
export function takenNames(error: unknown): string[] | null {
  if (!(error instanceof ApiError) || error.code !== TAKEN) return null;
  const { conflicts } = error.details;
  return Array.isArray(conflicts) ? conflicts.map((name) => shownName(String(name))) : [];
}

/** One thing by its name, several by their number. */
export const called = (paths: readonly string[]): string =>
  paths.length === 1 ? shownName(nameOf(paths[0]!)) : t('files.items', { count: paths.length });

/** What can be done with files, each with what it says afterwards and the way back. */
export class Operations {
  constructor(
    private readonly queries: QueryClient,
    private readonly ask: Ask,
  ) {}

  refresh(): Promise<void> {
    return this.queries.invalidateQueries({ queryKey: [FILES] });
  }

  private async attempt(what: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      toastError(what, error);
      return false;
    } finally {
      await this.refresh();
    }
  }

  async makeFolder(path: string): Promise<void> {
    await unwrap(api.POST('/api/files/mkdir', { body: { path, parents: false } }));
    await this.refresh();
  }

  async rename(from: string, name: string): Promise<string | null> {
    const to = joined(parentOf(from), name);
    const done = await this.attempt(t('files.renameFailed', { name: shownName(nameOf(from)) }), async () => {
      await unwrap(api.POST('/api/files/rename', { body: { from, to } }));
      toast({
        tone: 'ok',
        title: t('files.renamed', { name: shownName(name) }),
        action: { label: t('action.undo'), run: () => void this.renameBack(to, from) },
      });
    });
    return done ? to : null;
  }

  private renameBack(from: string, to: string): Promise<boolean> {
    return this.attempt(t('files.undoFailed'), async () => {
      await unwrap(api.POST('/api/files/rename', { body: { from, to } }));
    });
  }

  /** Into the trash. */
  remove(paths: string[]): Promise<boolean> {
    const name = called(paths);
    return this.attempt(t('files.deleteFailed', { name }), async () => {
      const gone = await unwrap(api.POST('/api/files/delete', { body: { paths } }));
      toast({
        tone: 'ok',
        title: t('files.deleted', { name }),
        action: { label: t('action.undo'), run: () => void this.restore(gone.map(({ id }) => id)) },
      });
    });
  }

  restore(ids: string[], onConflict: OnConflict = 'fail'): Promise<boolean> {
    return this.attempt(t('files.restoreFailed'), async () => {
      for (const [index, id] of ids.entries()) {
        try {
          await unwrap(api.POST('/api/files/trash/{id}/restore', { params: { path: { id } }, body: { onConflict } }));
        } catch (error) {
          const names = takenNames(error);
          if (names === null) throw error;
          this.ask({ names, go: async (answer) => void (await this.restore(ids.slice(index), answer)) });
          return;
        }
      }
    });
  }

  async purge(ids: string[]): Promise<void> {
    await this.attempt(t('files.purgeFailed'), async () => {
      await unwrap(api.POST('/api/files/trash/empty', { body: { ids } }));
    });
  }

  move(paths: string[], to: string, onConflict: OnConflict = 'fail', undoing = false): Promise<boolean> {
    const back = () => void this.moveBack(paths, to);
    // Another name, or a place that was taken, cannot simply be moved back.
    const undo = onConflict === 'fail' && !undoing ? back : null;
    const said = { failed: t('files.moveFailed', { name: called(paths) }), done: t('files.moved', { name: called(paths), to: placeName(to) }) };
    const begin = () => unwrap(api.POST('/api/files/move', { body: { paths, to, onConflict } }));
    return this.job(begin, (answer) => this.move(paths, to, answer), said, undo);
  }

  private async moveBack(paths: string[], to: string): Promise<void> {
    const folders = new Set(paths.map(parentOf));
    for (const folder of folders) {
      const names = paths.filter((path) => parentOf(path) === folder).map(nameOf);
      await this.move(names.map((name) => joined(to, name)), folder, 'fail', true);
    }
  }

  copy(paths: string[], to: string, onConflict: OnConflict = 'fail'): Promise<boolean> {
    const said = { failed: t('files.copyFailed', { name: called(paths) }), done: t('files.copied', { name: called(paths), to: placeName(to) }) };
    const begin = () => unwrap(api.POST('/api/files/copy', { body: { paths, to, onConflict } }));
    return this.job(begin, (answer) => this.copy(paths, to, answer), said);
  }

  zip(paths: string[], to: string, onConflict: OnConflict = 'fail'): Promise<boolean> {
    const said = { failed: t('files.zipFailed'), done: t('files.zipped', { name: shownName(nameOf(to)) }) };
    const begin = () => unwrap(api.POST('/api/files/zip', { body: { paths, to, onConflict } }));
    return this.job(begin, (answer) => this.zip(paths, to, answer), said);
  }

  unzip(path: string, to: string, onConflict: OnConflict = 'fail'): Promise<boolean> {
    const said = { failed: t('files.unzipFailed', { name: called([path]) }), done: t('files.unzipped', { name: shownName(nameOf(to)) }) };
    const begin = () => unwrap(api.POST('/api/files/unzip', { body: { path, to, onConflict } }));
    return this.job(begin, (answer) => this.unzip(path, to, answer), said);
  }

  setOwner(path: string, wish: { uid?: number; gid?: number; mode?: string; below: boolean }): Promise<boolean> {
    const name = called([path]);
    const begin = () => unwrap(api.POST('/api/files/owners', { body: { paths: [path], ...wish } }));
    return this.job(begin, () => this.setOwner(path, wish), { failed: t('files.ownerFailed', { name }), done: t('files.ownerDone', { name }) });
  }

  /** Begins a job, asks where a name is taken, and tells how it ended. */
  private async job(
    begin: () => Promise<Job>,
    again: (answer: OnConflict) => Promise<boolean>,
    said: { failed: string; done: string },
    undo: (() => void) | null = null,
  ): Promise<boolean> {
    try {
      const job = await begin();
      shown.add(job.id);
      void follow(job).then((ended) => {
        void this.refresh();
        if (ended.state === 'done') {
          toast({ tone: 'ok', title: said.done, action: undo === null ? undefined : { label: t('action.undo'), run: undo } });
        } else if (ended.state === 'failed') {
          toast({ tone: 'danger', title: said.failed, text: ended.reason ?? t('jobs.noReason') });
        }
      });
      return true;
    } catch (error) {
      const names = takenNames(error);
      if (names === null) toastError(said.failed, error);
      else this.ask({ names, go: async (answer) => void (await again(answer)) });
      return false;
    }
  }

  async setFavourite(path: string, on: boolean): Promise<void> {
    await this.attempt(t('files.favouriteFailed'), async () => {
      if (on) await unwrap(api.POST('/api/files/favourites', { body: { path } }));
      else await unwrap(api.DELETE('/api/files/favourites', { params: { query: { path } } }));
    });
  }

  /** Saves files on this device: one as it is, several or a folder as a ZIP. */
  async download(paths: string[]): Promise<void> {
    try {
      const { url } = await unwrap(api.POST('/api/files/tickets', { body: { paths, inline: false } }));
      const link = document.createElement('a');
      link.href = url;
      link.download = '';
      link.click();
    } catch (error) {
      toastError(t('files.downloadFailed', { name: called(paths) }), error);
    }
  }
}

const placeName = (path: string): string => shownName(nameOf(path));

export function useOperations(ask: Ask): Operations {
  const queries = useQueryClient();
  return useMemo(() => new Operations(queries, ask), [queries, ask]);
}
