import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { toast, toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import { useJobs } from '@/live/streams';

export type TrashedVolume = components['schemas']['TrashedVolume'];

const REFRESH_MS = 30_000;
const CHANGES_TRASH = new Set(['volumes.prune', 'volumes.restore']);

/** The trash of volumes, and what can be done with it. It is read again when a job that changes it has ended. */
export function useTrash() {
  const queries = useQueryClient();
  const list = useQuery({
    queryKey: ['system', 'trash'],
    queryFn: () => unwrap(api.GET('/api/volumes/trash')),
    refetchInterval: REFRESH_MS,
  });
  const refresh = () => queries.invalidateQueries({ queryKey: ['system'] });
  const ended = (useJobs().data ?? []).filter(({ kind, finishedAt }) => CHANGES_TRASH.has(kind) && finishedAt !== null);
  const count = ended.length;
  useEffect(() => {
    if (count > 0) void queries.invalidateQueries({ queryKey: ['system'] });
  }, [count, queries]);

  const restore = async ({ id, name }: TrashedVolume) => {
    try {
      await unwrap(api.POST('/api/volumes/trash/{id}/restore', { params: { path: { id } } }));
      toast({ tone: 'info', title: t('trash.restoring', { name }), text: t('volume.removingText') });
    } catch (error) {
      toastError(t('trash.restoreFailed', { name }), error);
    }
    await refresh();
  };

  const remove = async (volumes: TrashedVolume[]) => {
    try {
      const done = await unwrap(api.POST('/api/volumes/trash/empty', { body: { ids: volumes.map(({ id }) => id) } }));
      toast({ tone: 'ok', title: t('trash.deleted', { count: done.deleted, size: bytes(done.freedBytes) }) });
    } catch (error) {
      toastError(t('trash.deleteFailed'), error);
    }
    await refresh();
  };

  return { list, restore, remove };
}
