import { ActionIcon, Modal } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconDownload, IconX } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { useWide } from '@/app/useWide';
import { type Entry, lookOf, shownName } from '@/domain/files';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import type { Operations } from '../operations';
import { Glyph } from '../parts/Glyph';
import { Film, Page, Picture, Sound } from './media';
import classes from './Preview.module.css';

const TextPart = lazy(() => import('./TextPart'));

interface Props {
  entries: readonly Entry[];
  path: string;
  operations: Operations;
  onShow: (path: string) => void;
  onClose: () => void;
}

/** One file after the other, over the folder. */
export default function Preview({ entries, path, operations, onShow, onClose }: Props) {
  const wide = useWide();
  // What is edited has a say in whether it may be left.
  const guard = useRef<((go: () => void) => void) | null>(null);
  const guarded = (go: () => void) => (guard.current === null ? go() : guard.current(go));
  const files = entries.filter(({ kind }) => kind === 'file');
  const at = files.findIndex((each) => each.path === path);
  const entry = entries.find((each) => each.path === path);
  const show = (by: number) => {
    const next = files[at + by];
    if (at >= 0 && next !== undefined) guarded(() => onShow(next.path));
  };
  useArrows(show);
  if (entry === undefined) return null;
  const name = shownName(entry.name);
  const size = wide ? 36 : 44;
  return (
    <Modal.Root opened onClose={() => guarded(onClose)} fullScreen padding={0} transitionProps={{ duration: 120, transition: 'fade' }}>
      <Modal.Overlay />
      <Modal.Content className={classes.content}>
        <div className={classes.head}>
          <Modal.Title className={classes.title}>{name}</Modal.Title>
          <span className={classes.size}>{entry.sizeBytes !== null && bytes(entry.sizeBytes)}</span>
          <ActionIcon size={size} aria-label={t('files.previous')} disabled={at <= 0} onClick={() => show(-1)}>
            <IconChevronLeft size={20} stroke={1.75} />
          </ActionIcon>
          <ActionIcon size={size} aria-label={t('files.next')} disabled={at < 0 || at === files.length - 1} onClick={() => show(1)}>
            <IconChevronRight size={20} stroke={1.75} />
          </ActionIcon>
          <ActionIcon size={size} aria-label={t('files.download')} onClick={() => void operations.download([entry.path])}>
            <IconDownload size={20} stroke={1.75} />
          </ActionIcon>
          <ActionIcon size={size} aria-label={t('action.close')} data-autofocus onClick={() => guarded(onClose)}>
            <IconX size={20} stroke={1.75} />
          </ActionIcon>
        </div>
        <div className={classes.body} key={entry.path}>
          <Suspense>
            <Shown entry={entry} operations={operations} guard={guard} />
          </Suspense>
        </div>
      </Modal.Content>
    </Modal.Root>
  );
}

/** The keys for the next and the previous one, wherever the focus is that has no use for them itself. */
function useArrows(show: (by: number) => void) {
  const latest = useRef(show);
  latest.current = show;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.target instanceof Element && event.target.closest('textarea, video, audio, input') !== null) return;
      if (event.key === 'ArrowRight') latest.current(1);
      if (event.key === 'ArrowLeft') latest.current(-1);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

export type Guard = React.RefObject<((go: () => void) => void) | null>;

function Shown({ entry, operations, guard }: { entry: Entry; operations: Operations; guard: Guard }) {
  switch (lookOf(entry)) {
    case 'image':
      return <Picture entry={entry} />;
    case 'video':
      return <Film entry={entry} />;
    case 'audio':
      return <Sound entry={entry} />;
    case 'pdf':
      return <Page entry={entry} />;
    case 'markdown':
    case 'text':
      return <TextPart entry={entry} operations={operations} guard={guard} />;
    default:
      return <Unseen entry={entry} />;
  }
}

/** For what cannot be shown: what it is. */
export function Unseen({ entry, why }: { entry: Entry; why?: string }) {
  return (
    <div className={classes.unseen}>
      <Glyph entry={entry} size={96} />
      <p>{why ?? t(entry.kind === 'file' ? 'files.noPreview' : 'files.neverOpened')}</p>
    </div>
  );
}
