import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { toast, toastError } from '@/components/toasts';
import { FILES } from '@/domain/files';
import { t } from '@/i18n';
import { fromDrop, fromInput, type Picked } from '@/uploads/pick';
import { uploads } from '@/uploads/queue';

const REFRESH_MS = 800;

export interface Uploading {
  drop: (transfer: DataTransfer, folder: string) => Promise<void>;
  pick: (files: FileList | null, folder: string) => void;
}

/** Sends files to a folder, and shows them there as they arrive. */
export function useUploading(user: string, nameOf: (folder: string) => string): Uploading {
  const queries = useQueryClient();
  const arrived = useRef<number | null>(null);
  useEffect(() => uploads.openFor(user), [user]);
  useEffect(() => {
    let timer: number | undefined;
    const look = () => {
      const done = uploads.all().filter(({ state }) => state === 'done').length;
      if (arrived.current !== null && done > arrived.current && timer === undefined) {
        timer = window.setTimeout(() => {
          timer = undefined;
          void queries.invalidateQueries({ queryKey: [FILES] });
        }, REFRESH_MS);
      }
      arrived.current = done;
    };
    look();
    const deaf = uploads.listen(look);
    return () => {
      deaf();
      window.clearTimeout(timer);
    };
  }, [queries]);
  const add = (picked: Picked[], folder: string) => {
    if (picked.length === 0) toast({ tone: 'info', title: t('files.nothingToUpload') });
    else uploads.add(picked, folder, nameOf(folder));
  };
  return {
    drop: async (transfer, folder) => {
      try {
        add(await fromDrop(transfer), folder);
      } catch (error) {
        toastError(t('files.dropFailed'), error);
      }
    },
    pick: (files, folder) => add(fromInput(files ?? []), folder),
  };
}
