import { ActionIcon, Button } from '@mantine/core';
import {
  IconCamera,
  IconClipboard,
  IconEye,
  IconEyeOff,
  IconFileUpload,
  IconFilePlus,
  IconFolderPlus,
  IconFolderUp,
  IconLayoutGrid,
  IconList,
  IconPlus,
  IconSearch,
  IconSortAscending,
  IconSortDescending,
  IconUpload,
} from '@tabler/icons-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { t } from '@/i18n';
import type { Action } from './actions';
import type { Look } from './Browser';
import classes from './Files.module.css';
import type { Operations } from './operations';
import { SORTS, startsDescending } from './parts/Heads';
import type { Uploading } from './useUploading';
import type { Sort } from './order';

const ActionsMenu = lazy(() => import('./ActionsMenu'));
const NewDialog = lazy(() => import('./dialogs/NewDialog'));

interface Props {
  path: string;
  wide: boolean;
  mayWrite: boolean;
  look: Look;
  onLook: (change: Partial<Look>) => void;
  query: string;
  onQuery: (query: string) => void;
  upload: Uploading;
  operations: Operations;
  paste: { count: number; run: () => void } | null;
}

/** What is shown of a folder and how, and what can come into it. */
export function Toolbar({ path, wide, mayWrite, look, onLook, query, onQuery, upload, operations, paste }: Props) {
  const size = wide ? 34 : 44;
  const grid = look.view === 'grid';
  const View = grid ? IconList : IconLayoutGrid;
  const Hidden = look.hidden ? IconEyeOff : IconEye;
  const viewLabel = t(grid ? 'files.asList' : 'files.asGrid');
  const hiddenLabel = t(look.hidden ? 'files.hideHidden' : 'files.showHidden');
  return (
    <div className={classes.toolbar}>
      <label className={classes.search}>
        <IconSearch size={16} stroke={1.75} aria-hidden />
        <input type="search" value={query} aria-label={t('files.filter')} placeholder={t('files.filter')} onChange={(event) => onQuery(event.currentTarget.value)} />
      </label>
      {(!wide || grid) && <OrderChoice look={look} onLook={onLook} size={size} />}
      <ActionIcon size={size} variant="default" aria-label={viewLabel} title={viewLabel} onClick={() => onLook({ view: grid ? 'list' : 'grid' })}>
        <View size={18} stroke={1.75} />
      </ActionIcon>
      <ActionIcon size={size} variant="default" aria-label={hiddenLabel} title={hiddenLabel} onClick={() => onLook({ hidden: !look.hidden })}>
        <Hidden size={18} stroke={1.75} />
      </ActionIcon>
      {mayWrite && <Adding path={path} wide={wide} upload={upload} operations={operations} paste={paste} />}
    </div>
  );
}

function OrderChoice({ look, onLook, size }: Pick<Props, 'look' | 'onLook'> & { size: number }) {
  const Direction = look.descending ? IconSortDescending : IconSortAscending;
  const label = t(look.descending ? 'files.descending' : 'files.ascending');
  return (
    <span className={classes.order}>
      <select
        aria-label={t('files.sort')}
        value={look.sort}
        onChange={(event) => {
          const sort = event.currentTarget.value as Sort;
          onLook({ sort, descending: startsDescending(sort) });
        }}
      >
        {SORTS.map(([sort, key]) => (
          <option key={sort} value={sort}>
            {t(key)}
          </option>
        ))}
      </select>
      <ActionIcon size={size} variant="default" aria-label={label} title={label} onClick={() => onLook({ descending: !look.descending })}>
        <Direction size={18} stroke={1.75} />
      </ActionIcon>
    </span>
  );
}

/** Everything that can come into a folder: from this device, or made here. */
function Adding({ path, wide, upload, operations, paste }: Pick<Props, 'path' | 'wide' | 'upload' | 'operations' | 'paste'>) {
  const [menuAt, setMenuAt] = useState<{ x: number; y: number } | null>(null);
  const [making, setMaking] = useState<'folder' | 'text' | null>(null);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const actions: Action[] = [
    { id: 'files', label: t('files.uploadFiles'), icon: IconFileUpload, run: () => files.current?.click() },
    { id: 'folder', label: t('files.uploadFolder'), icon: IconFolderUp, run: () => folder.current?.click() },
    ...(wide ? [] : [{ id: 'camera', label: t('files.takePicture'), icon: IconCamera, run: () => camera.current?.click() }]),
    { id: 'new', label: t('files.newFolder'), icon: IconFolderPlus, parted: true, run: () => setMaking('folder') },
    { id: 'text', label: t('files.newText'), icon: IconFilePlus, run: () => setMaking('text') },
    ...(paste === null
      ? []
      : [{ id: 'paste', label: t('files.paste', { count: paste.count }), icon: IconClipboard, keys: 'Ctrl V', parted: true, run: paste.run }]),
  ];
  const picked = (input: HTMLInputElement) => {
    upload.pick(input.files, path);
    // Choosing the same files again is to be told again.
    input.value = '';
  };
  const input = { type: 'file', multiple: true, hidden: true, tabIndex: -1, onChange: (event: React.ChangeEvent<HTMLInputElement>) => picked(event.currentTarget) };
  return (
    <>
      <input {...input} ref={files} aria-label={t('files.uploadFiles')} />
      <input {...input} ref={folder} aria-label={t('files.uploadFolder')} {...{ webkitdirectory: '' }} />
      {!wide && <input {...input} ref={camera} aria-label={t('files.takePicture')} accept="image/*,video/*" capture="environment" multiple={false} />}
      {wide && (
        <Button variant="default" leftSection={<IconUpload size={16} stroke={1.75} />} onClick={() => files.current?.click()}>
          {t('files.upload')}
        </Button>
      )}
      <Button
        className={classes.new}
        leftSection={<IconPlus size={16} />}
        aria-haspopup="menu"
        aria-expanded={menuAt !== null}
        onClick={(event) => {
          const { left, bottom } = event.currentTarget.getBoundingClientRect();
          setMenuAt({ x: left, y: bottom });
        }}
      >
        {t('files.new')}
      </Button>
      <Suspense>
        {menuAt !== null && <ActionsMenu title={t('files.new')} actions={actions} at={menuAt} wide={wide} onClose={() => setMenuAt(null)} />}
        {making !== null && <NewDialog kind={making} folder={path} operations={operations} onClose={() => setMaking(null)} />}
      </Suspense>
    </>
  );
}
