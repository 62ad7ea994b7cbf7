import { IconFolderOpen } from '@tabler/icons-react';
import { type KeyboardEvent, lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { useMay } from '@/app/session';
import { useWide } from '@/app/useWide';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { PageHead } from '@/components/PageHead';
import { useStored } from '@/components/useStored';
import { type Entry, parentOf } from '@/domain/files';
import { t } from '@/i18n';
import { actionsFor, type Asked, titleOf } from './actions';
import type { Clipboard } from './clipboard';
import { Crumbs } from './Crumbs';
import { type Drops, useDrop } from './drag';
import { Entries, entriesLabel } from './Entries';
import classes from './Files.module.css';
import { useSelected } from './useSelected';
import type { Operations } from './operations';
import { filtered, inOrder, type Order } from './order';
import { SelectionBar } from './SelectionBar';
import { Toolbar } from './Toolbar';
import { useFolder } from './useFolder';
import { namedSteps, type Places } from './usePlaces';
import type { Uploading } from './useUploading';

const ActionsMenu = lazy(() => import('./ActionsMenu'));
const Preview = lazy(() => import('./preview/Preview'));
const PlaceDialog = lazy(() => import('./dialogs/PlaceDialog'));
const InfoDialog = lazy(() => import('./dialogs/InfoDialog'));
const ShareDialog = lazy(() => import('./dialogs/ShareDialog'));

interface Props {
  path: string;
  /** The name of the entry to begin at, such as one that a search found. */
  marked: string | null;
  places: Places;
  drops: Drops;
  operations: Operations;
  upload: Uploading;
  clipboard: Clipboard | null;
  onClipboard: (clipboard: Clipboard | null) => void;
  onGo: (path: string) => void;
}

export interface Look {
  view: string;
  sort: string;
  descending: boolean;
  hidden: boolean;
}

const INITIAL: Look = { view: 'list', sort: 'name', descending: false, hidden: false };
const NO_ENTRIES: readonly Entry[] = [];

/** One folder. */
export function Browser({ path, marked, places, drops, operations, upload, clipboard, onClipboard, onGo }: Props) {
  const wide = useWide();
  const [look, changeLook] = useStored<Look>('files.look', INITIAL);
  const folder = useFolder(path, look.hidden);
  const mayWriteFiles = useMay('files:write');
  const mayShare = useMay('shares:write');
  const mayWrite = mayWriteFiles && folder.data?.access === 'write';
  const [query, setQuery] = useState('');
  const order = { sort: look.sort, descending: look.descending } as Order;
  const entries = useMemo(
    () => filtered(inOrder(folder.data?.entries ?? NO_ENTRIES, { sort: look.sort, descending: look.descending } as Order), query),
    [folder.data?.entries, look.sort, look.descending, query],
  );
  const { selection, change, chosen } = useSelected(entries, marked);
  const [menuAt, setMenuAt] = useState<{ x: number; y: number } | null>(null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [previewed, setPreviewed] = useState<string | null>(null);
  const cut = useMemo(() => new Set(clipboard?.cut ? clipboard.paths : []), [clipboard]);
  const favourites = useMemo(() => new Set(places.favourites.data?.map((each) => each.path)), [places.favourites.data]);
  const drop = useDrop(mayWrite ? path : null, drops);
  const openMenu = useCallback((at: { x: number; y: number }) => setMenuAt(at), []);

  const open = (entry: Entry) => {
    if (entry.kind === 'folder') onGo(entry.path);
    else setPreviewed(entry.path);
  };
  const put = (asCut: boolean) => onClipboard(chosen.length === 0 ? null : { paths: chosen.map((each) => each.path), cut: asCut });
  const paste = () => {
    if (clipboard === null || !mayWrite) return;
    if (clipboard.cut) void operations.move(clipboard.paths, path).then((moved) => moved && onClipboard(null));
    // Copied to where it is, it gets another name.
    else void operations.copy(clipboard.paths, path, clipboard.paths.some((each) => parentOf(each) === path) ? 'keep_both' : 'fail');
  };
  const rename = (entry: Entry) => setRenaming(entry.path);
  const actions = actionsFor({
    folder: path, chosen, mayWrite, mayShare, clipboard: clipboard?.paths.length ?? 0, favourites, operations, open, rename, ask: setAsked, put, paste,
  });
  const onRenamed = (entry: Entry, name: string | null) => {
    setRenaming(null);
    if (name === null) return focusGrid();
    void operations.rename(entry.path, name).then((to) => {
      if (to !== null) change((before) => ({ ...before, chosen: new Set([to]), cursor: to, anchor: to }));
      focusGrid();
    });
  };
  const onKey = (event: KeyboardEvent) => {
    const ctrl = event.ctrlKey || event.metaKey;
    const [one] = chosen;
    const pressed = `${ctrl ? 'ctrl ' : ''}${event.altKey ? 'alt ' : ''}${event.key.length === 1 ? event.key.toLowerCase() : event.key}`;
    const keys: Record<string, (() => void) | false | undefined> = {
      Enter: one && chosen.length === 1 && (() => open(one)),
      F2: mayWrite && one && chosen.length === 1 && (() => rename(one)),
      Delete: mayWrite && chosen.length > 0 && (() => void operations.remove(chosen.map((each) => each.path))),
      Escape: () => (clipboard?.cut ? onClipboard(null) : change((before) => ({ ...before, chosen: new Set() }))),
      Backspace: () => onGo(parentOf(path)),
      'alt ArrowUp': () => onGo(parentOf(path)),
      'alt Enter': chosen.length === 1 && (() => setAsked('info')),
      'ctrl c': chosen.length > 0 && (() => put(false)),
      'ctrl x': mayWrite && chosen.length > 0 && (() => put(true)),
      'ctrl v': mayWrite && clipboard !== null && paste,
    };
    const does = keys[pressed];
    if (!does) return;
    event.preventDefault();
    does();
  };
  const steps = namedSteps(places, path);
  const name = steps.at(-1)?.name ?? t('files.title');
  return (
    <div className={classes.browser} {...drop}>
      <PageHead title={name} tabTitle={`${name} · ${t('files.title')}`} hidden />
      <h1 className={classes.unseen}>{name}</h1>
      <Crumbs steps={steps} path={path} drops={mayWriteFiles ? drops : null} onGo={onGo} />
      <Toolbar
        path={path}
        wide={wide}
        mayWrite={mayWrite}
        look={look}
        onLook={changeLook}
        query={query}
        onQuery={setQuery}
        upload={upload}
        operations={operations}
        paste={clipboard === null ? null : { count: clipboard.paths.length, run: paste }}
      />
      <Loaded list={folder}>
        {({ total, complete, entries: all }) => (
          <>
            <p className={classes.count} aria-live="polite">
              {countOf(entries.length, total, complete, query !== '')}
            </p>
            {entries.length === 0 ? (
              <EmptyState
                icon={<IconFolderOpen size={26} stroke={1.75} />}
                title={t(all.length === 0 ? 'files.empty' : 'list.noMatch')}
                text={t(all.length > 0 ? 'list.noMatchText' : mayWrite ? 'files.emptyText' : 'files.emptyMember')}
              />
            ) : (
              <Entries
                label={entriesLabel(name, total)}
                entries={entries}
                view={look.view === 'grid' ? 'grid' : 'list'}
                wide={wide}
                order={order}
                onOrder={changeLook}
                selection={selection}
                onSelection={change}
                onOpen={open}
                onMenu={openMenu}
                onKey={onKey}
                drops={mayWrite ? drops : null}
                cut={cut}
                renaming={renaming}
                onRenamed={onRenamed}
              />
            )}
          </>
        )}
      </Loaded>
      {chosen.length > 0 && (
        <SelectionBar chosen={chosen} actions={actions} wide={wide} onMore={setMenuAt} onClear={() => change((before) => ({ ...before, chosen: new Set() }))} />
      )}
      <Suspense>
        {menuAt !== null && actions.length > 0 && (
          <ActionsMenu
            title={titleOf(chosen)}
            actions={actions}
            at={menuAt}
            wide={wide}
            onClose={() => {
              setMenuAt(null);
              focusGrid();
            }}
          />
        )}
        {previewed !== null && (
          <Preview entries={entries} path={previewed} operations={operations} onShow={setPreviewed} onClose={() => setPreviewed(null)} />
        )}
        {(asked === 'move' || asked === 'copy') && (
          <PlaceDialog
            copy={asked === 'copy'}
            paths={chosen.map((each) => each.path)}
            places={places}
            onChoose={(to) => void (asked === 'copy' ? operations.copy(chosen.map((each) => each.path), to) : operations.move(chosen.map((each) => each.path), to))}
            onClose={() => setAsked(null)}
          />
        )}
        {asked === 'info' && chosen[0] && <InfoDialog path={chosen[0].path} operations={operations} onClose={() => setAsked(null)} />}
        {asked === 'share' && chosen[0] && <ShareDialog entry={chosen[0]} mayWrite={mayWrite} onClose={() => setAsked(null)} />}
      </Suspense>
    </div>
  );
}

function focusGrid(): void {
  document.querySelector<HTMLElement>('[role=grid]')?.focus({ preventScroll: true });
}

function countOf(shown: number, total: number, complete: boolean, searched: boolean): string {
  if (!complete) return t('files.reading', { count: total });
  return searched ? t('files.found', { count: shown }) : t('files.items', { count: total });
}
