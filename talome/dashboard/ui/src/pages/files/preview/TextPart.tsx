import { Button, Skeleton } from '@mantine/core';
import { IconDeviceFloppy, IconPencil } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useBlocker } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import type { components } from '@/api/schema';
import { useMay } from '@/app/session';
import { ErrorNotice } from '@/components/ErrorNotice';
import { toast, toastError } from '@/components/toasts';
import { type Entry, FILES, joined, lookOf, parentOf, shownName, stemLength } from '@/domain/files';
import { t } from '@/i18n';
import type { Operations } from '../operations';
import { Editor } from './Editor';
import { Markdown } from './Markdown';
import { type Guard, Unseen } from './Preview';
import classes from './Preview.module.css';

const Confirm = lazy(() => import('@/components/Confirm').then((module) => ({ default: module.Confirm })));
const Changed = lazy(() => import('./Changed'));

type TextFile = components['schemas']['TextFile'];

const MOST_BYTES = 500_000;

interface Props {
  entry: Entry;
  operations: Operations;
  guard: Guard;
}

/** A text, to be read and changed. */
export default function TextPart({ entry, operations, guard }: Props) {
  const { path } = entry;
  const tooLarge = (entry.sizeBytes ?? 0) > MOST_BYTES;
  const file = useQuery({
    queryKey: ['texts', FILES, path],
    queryFn: () => unwrap(api.GET('/api/files/text', { params: { query: { path } } })),
    enabled: !tooLarge,
    staleTime: 0,
    refetchOnWindowFocus: false,
    retry: false,
  });
  if (tooLarge) return <Unseen entry={entry} why={t('files.textTooLarge')} />;
  if (file.error !== null && file.data === undefined) {
    // A file may be called a text and be none.
    if (file.error instanceof ApiError && file.error.status < 500 && !file.error.unreachable) return <Unseen entry={entry} why={file.error.message} />;
    return <ErrorNotice error={file.error} onRetry={() => void file.refetch()} />;
  }
  if (file.data === undefined || file.isFetching) return <Skeleton className={classes.waiting} role="status" aria-label={t('app.loading')} />;
  return <Read key={file.data.etag} entry={entry} file={file.data} operations={operations} guard={guard} />;
}

function Read({ entry, file, operations, guard }: Props & { file: TextFile }) {
  const queries = useQueryClient();
  const markdown = lookOf(entry) === 'markdown';
  const mayWrite = useMay('files:write') && file.access === 'write';
  const [kept, setKept] = useState(file);
  const [draft, setDraft] = useState(file.text);
  const [editing, setEditing] = useState(file.text === '' && mayWrite);
  const [busy, setBusy] = useState(false);
  const [changed, setChanged] = useState(false);
  const [leaving, setLeaving] = useState<(() => void) | null>(null);
  const dirty = draft !== kept.text;
  const block = useBlocker({ shouldBlockFn: () => dirty, enableBeforeUnload: () => dirty, withResolver: true });
  useEffect(() => {
    guard.current = dirty ? (go) => setLeaving(() => go) : null;
    return () => {
      guard.current = null;
    };
  }, [guard, dirty]);

  const write = async (etag: string | null, path: string = entry.path) => {
    setBusy(true);
    try {
      const saved = await unwrap(api.PUT('/api/files/text', { body: { path, text: draft, etag } }));
      toast({ tone: 'ok', title: t('files.saved', { name: shownName(path.slice(path.lastIndexOf('/') + 1)) }) });
      setChanged(false);
      setKept({ ...saved, text: draft });
      await operations.refresh();
    } catch (error) {
      if (error instanceof ApiError && error.code === 'changed') setChanged(true);
      else toastError(t('files.saveFailed', { name: shownName(entry.name) }), error);
    } finally {
      setBusy(false);
    }
  };
  const save = () => {
    if (dirty && !busy) void write(kept.etag);
  };
  /** Over what somebody else wrote, as it is now. */
  const overwrite = async () => {
    const now = await api.GET('/api/files/text', { params: { query: { path: entry.path } } });
    await write(now.data?.etag ?? null);
  };
  const asCopy = () => {
    const stem = stemLength(entry.name, false);
    const name = `${entry.name.slice(0, stem)} (${t('files.mine')})${entry.name.slice(stem)}`;
    return write(null, joined(parentOf(entry.path), name));
  };
  const takeTheirs = () => {
    setChanged(false);
    setDraft(kept.text);
    void queries.invalidateQueries({ queryKey: ['texts', FILES, entry.path] });
  };
  const leave = leaving ?? (block.status === 'blocked' ? block.proceed : null);
  const stay = () => (leaving !== null ? setLeaving(null) : block.status === 'blocked' && block.reset());
  return (
    <div className={classes.text}>
      {mayWrite && (
        <div className={classes.tools}>
          <span aria-live="polite">{t(dirty ? 'files.unsaved' : 'files.unchanged')}</span>
          {markdown && (
            <Button variant="default" size="xs" leftSection={<IconPencil size={16} />} onClick={() => setEditing(!editing)}>
              {t(editing ? 'files.read' : 'files.edit')}
            </Button>
          )}
          <Button size="xs" leftSection={<IconDeviceFloppy size={16} />} disabled={!dirty} loading={busy} onClick={save}>
            {t('files.save')}
          </Button>
        </div>
      )}
      {markdown && !editing ? <Markdown text={draft} /> : <Editor name={shownName(entry.name)} text={draft} readOnly={!mayWrite} onText={setDraft} onSave={save} />}
      <Suspense>
        {changed && <Changed busy={busy} onOverwrite={() => void overwrite()} onCopy={() => void asCopy()} onTheirs={takeTheirs} onClose={() => setChanged(false)} />}
        {leave !== null && (
          <Confirm
            title={t('files.leaveTitle')}
            confirmLabel={t('files.leave')}
            dangerous
            onConfirm={() => {
              setLeaving(null);
              guard.current = null;
              leave();
            }}
            onClose={stay}
          >
            {t('files.leaveText', { name: shownName(entry.name) })}
          </Confirm>
        )}
      </Suspense>
    </div>
  );
}
