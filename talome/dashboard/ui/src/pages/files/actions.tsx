import {
  IconArrowsMove,
  IconClipboard,
  IconCopy,
  IconDownload,
  IconEye,
  IconFileZip,
  IconFolderOpen,
  IconInfoCircle,
  IconLink,
  IconPackageImport,
  IconPencil,
  IconStar,
  IconStarOff,
  IconTrash,
  type TablerIcon,
} from '@tabler/icons-react';
import { type Entry, isArchive, joined, shownName, withoutEnding } from '@/domain/files';
import { t } from '@/i18n';
import type { Operations } from './operations';

export interface Action {
  id: string;
  label: string;
  icon: TablerIcon;
  /** The key that does the same, for the eye. */
  keys?: string;
  danger?: boolean;
  /** A new part of the menu begins here. */
  parted?: boolean;
  run: () => void;
}

export type Asked = 'move' | 'copy' | 'info' | 'share';

interface Here {
  folder: string;
  chosen: readonly Entry[];
  mayWrite: boolean;
  mayShare: boolean;
  /** What waits to be put somewhere. */
  clipboard: number;
  favourites: ReadonlySet<string>;
  operations: Operations;
  open: (entry: Entry) => void;
  rename: (entry: Entry) => void;
  ask: (what: Asked) => void;
  put: (cut: boolean) => void;
  paste: () => void;
}

/** What can be done with what is chosen, in the order of a menu. */
export function actionsFor(here: Here): Action[] {
  const { chosen, mayWrite } = here;
  if (chosen.length === 0) return mayWrite && here.clipboard > 0 ? [pasteInto(here)] : [];
  return [...opening(here), ...(mayWrite ? changing(here) : []), ...asking(here), ...(mayWrite ? [removing(here)] : [])];
}

const pathsOf = ({ chosen }: Here): string[] => chosen.map(({ path }) => path);

const pasteInto = ({ clipboard, paste }: Here): Action => ({
  id: 'paste',
  label: t('files.paste', { count: clipboard }),
  icon: IconClipboard,
  keys: 'Ctrl V',
  run: paste,
});

function opening(here: Here): Action[] {
  const [one, ...others] = here.chosen;
  const actions: Action[] = [];
  if (one !== undefined && others.length === 0 && (one.kind === 'folder' || one.kind === 'file')) {
    const folder = one.kind === 'folder';
    const label = t(folder ? 'files.open' : 'files.preview');
    actions.push({ id: 'open', label, icon: folder ? IconFolderOpen : IconEye, keys: 'Enter', run: () => here.open(one) });
  }
  actions.push({ id: 'download', label: t('files.download'), icon: IconDownload, run: () => void here.operations.download(pathsOf(here)) });
  return actions;
}

function changing(here: Here): Action[] {
  const { chosen, folder, operations } = here;
  const [one] = chosen;
  const single = chosen.length === 1 ? one! : null;
  const actions: Action[] = [];
  if (single) actions.push({ id: 'rename', label: t('files.rename'), icon: IconPencil, keys: 'F2', parted: true, run: () => here.rename(single) });
  actions.push(
    { id: 'move', label: t('files.moveTo'), icon: IconArrowsMove, parted: single === null, run: () => here.ask('move') },
    { id: 'copy', label: t('files.copyTo'), icon: IconCopy, run: () => here.ask('copy') },
  );
  if (single && isArchive(single)) {
    const to = joined(folder, withoutEnding(single.name));
    actions.push({ id: 'unzip', label: t('files.unzip'), icon: IconPackageImport, run: () => void operations.unzip(single.path, to) });
  }
  const zipName = single ? `${single.name}.zip` : t('files.zipName');
  actions.push({
    id: 'zip',
    label: t('files.zip'),
    icon: IconFileZip,
    run: () => void operations.zip(pathsOf(here), joined(folder, zipName)),
  });
  return actions;
}

function asking(here: Here): Action[] {
  const { chosen, favourites, operations } = here;
  if (chosen.length !== 1) return [];
  const { path, kind } = chosen[0]!;
  const favourite = favourites.has(path);
  const actions: Action[] = [];
  if (here.mayShare && (kind === 'folder' || kind === 'file')) {
    actions.push({ id: 'share', label: t('files.share'), icon: IconLink, parted: true, run: () => here.ask('share') });
  }
  actions.push(
    {
      id: 'favourite',
      label: t(favourite ? 'files.unfavourite' : 'files.favourite'),
      icon: favourite ? IconStarOff : IconStar,
      parted: !here.mayShare,
      run: () => void operations.setFavourite(path, !favourite),
    },
    { id: 'info', label: t('files.info'), icon: IconInfoCircle, keys: 'Alt Enter', run: () => here.ask('info') },
  );
  return actions;
}

const removing = (here: Here): Action => ({
  id: 'delete',
  label: t('files.delete'),
  icon: IconTrash,
  keys: 'Del',
  danger: true,
  parted: true,
  run: () => void here.operations.remove(pathsOf(here)),
});

/** What the menu is about, in words. */
export const titleOf = (chosen: readonly Entry[]): string =>
  chosen.length === 1 ? shownName(chosen[0]!.name) : t('files.items', { count: chosen.length });
