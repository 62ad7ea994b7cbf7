import { type KeyboardEvent, type MouseEvent, type ReactNode, useCallback, useEffect, useMemo, useRef } from 'react';
import { type Entry, shownName } from '@/domain/files';
import { t } from '@/i18n';
import type { Drops } from './drag';
import classes from './Entries.module.css';
import { gridLayout, type Layout, listLayout } from './layout';
import { moveOf } from './keys';
import { Heads } from './parts/Heads';
import { Row } from './parts/Row';
import { Tile } from './parts/Tile';
import type { Order } from './order';
import { press, type Selection, step, typedAhead } from './selection';
import { useMarquee } from './useMarquee';
import { useRows, useWidth } from './useRows';

export interface EntriesProps {
  label: string;
  entries: readonly Entry[];
  view: 'list' | 'grid';
  wide: boolean;
  order: Order;
  onOrder: (order: Order) => void;
  selection: Selection;
  onSelection: (change: (before: Selection) => Selection) => void;
  onOpen: (entry: Entry) => void;
  /** The menu of what is chosen, at a point of the screen. */
  onMenu: (at: { x: number; y: number }) => void;
  onKey: (event: KeyboardEvent) => void;
  /** Null for someone who may only look. */
  drops: Drops | null;
  /** The paths that wait to be moved by Ctrl-X. */
  cut: ReadonlySet<string>;
  /** The one whose name is being changed. */
  renaming: string | null;
  onRenamed: (entry: Entry, name: string | null) => void;
}

export const idOf = (index: number): string => `entry-${index}`;
const TYPE_PAUSE_MS = 700;
/** What stands over the list's first rows, and over its last. */
const ABOVE_PX = 140;
const BELOW_PX = 90;

/** A folder's entries as rows or tiles. Only those near the screen are drawn, so their number does not matter. */
export function Entries(props: EntriesProps) {
  const { label, entries, view, wide, selection, onSelection, onOpen, onMenu, onKey } = props;
  const body = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLDivElement>(null);
  const width = useWidth(body);
  const layout = useMemo<Layout>(
    () => (view === 'grid' ? gridLayout(width || 900) : listLayout(width || 900, wide ? 44 : 60)),
    [view, width, wide],
  );
  const [from, to] = useRows(body, entries.length, layout);
  const keys = useMemo(() => entries.map(({ path }) => path), [entries]);
  const cursor = useMemo(
    () => (selection.cursor === null ? -1 : keys.indexOf(selection.cursor)),
    [keys, selection.cursor],
  );
  const byKey = useCursorInView(body, cursor, layout);
  const marquee = useMarquee(body, entries, layout, selection, onSelection);
  const typeAhead = useTypeAhead(entries, cursor, (path) => onSelection((before) => press(before, keys, path)));

  const onKeyDown = (event: KeyboardEvent) => {
    // A field for a new name has its own keys.
    if ((event.target as HTMLElement).closest('input[type=text]') !== null) return;
    byKey.current = true;
    const by = moveOf(event, layout.columns, Math.max(1, Math.floor(window.innerHeight / layout.rowHeight) - 3) * layout.columns, entries.length);
    const toggle = event.ctrlKey || event.metaKey;
    if (by !== null) {
      event.preventDefault();
      return onSelection((before) => step(before, keys, by, { toggle, range: event.shiftKey }));
    }
    if (event.key === ' ' && selection.cursor !== null) {
      event.preventDefault();
      return onSelection((before) => press(before, keys, before.cursor!, { toggle: true }));
    }
    if (toggle && event.key.toLowerCase() === 'a') {
      event.preventDefault();
      return onSelection((before) => ({ ...before, chosen: new Set(keys) }));
    }
    if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      event.preventDefault();
      return onMenu(cornerOf(cursor));
    }
    if (!typeAhead(event)) onKey(event);
  };
  const rows: ReactNode[] = [];
  for (let row = from; row < to; row += 1) rows.push(drawRow(props, layout, row, cursor, { onSelection, onOpen, onMenu, keys }));
  return (
    <div
      ref={grid}
      className={classes.grid}
      data-view={view}
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-multiselectable
      aria-rowcount={Math.ceil(entries.length / layout.columns) + (view === 'list' && wide ? 1 : 0)}
      aria-activedescendant={cursor >= 0 ? idOf(cursor) : undefined}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        byKey.current = false;
        marquee.onPointerDown(event);
      }}
    >
      {view === 'list' && wide && <Heads order={props.order} onOrder={props.onOrder} />}
      <div
        ref={body}
        role="rowgroup"
        className={classes.body}
        style={{ height: Math.ceil(entries.length / layout.columns) * layout.rowHeight }}
      >
        {rows}
        {marquee.frame}
      </div>
    </div>
  );
}

interface Handlers extends Pick<EntriesProps, 'onSelection' | 'onOpen' | 'onMenu'> {
  keys: readonly string[];
}

function drawRow(props: EntriesProps, layout: Layout, row: number, cursor: number, handlers: Handlers) {
  const { entries, view, wide, selection, drops, cut, renaming, onRenamed } = props;
  const first = row * layout.columns;
  const cells = entries.slice(first, first + layout.columns).map((entry, place) => ({
    entry,
    id: idOf(first + place),
    chosen: selection.chosen.has(entry.path),
    at: first + place === cursor,
    cut: cut.has(entry.path),
    choosing: selection.chosen.size > 0,
    renaming: renaming === entry.path,
    drops,
    onRenamed,
    dragged: () => (selection.chosen.has(entry.path) ? [...selection.chosen] : [entry.path]),
    ...handlersOf(entry, handlers, selection),
  }));
  const style = { top: row * layout.rowHeight, height: layout.rowHeight };
  if (view === 'list') return <Row key={first} {...cells[0]!} style={style} row={row + (wide ? 2 : 1)} wide={wide} />;
  return (
    <div key={row} role="row" aria-rowindex={row + 1} className={classes.tiles} style={{ ...style, gridTemplateColumns: `repeat(${layout.columns}, 1fr)` }}>
      {cells.map((cell) => (
        <Tile key={cell.entry.path} {...cell} />
      ))}
    </div>
  );
}

/** What pointing at one entry does: a mouse chooses and opens with two clicks, a finger opens and chooses by staying. */
function handlersOf(entry: Entry, { onSelection, onOpen, onMenu, keys }: Handlers, selection: Selection) {
  const toggle = () => onSelection((before) => press(before, keys, entry.path, { toggle: true }));
  return {
    onToggle: toggle,
    onClick: (event: MouseEvent) => {
      const finger = (event.nativeEvent as PointerEvent).pointerType === 'touch';
      if (finger && selection.chosen.size === 0) return onOpen(entry);
      if (finger) return toggle();
      onSelection((before) => press(before, keys, entry.path, { toggle: event.ctrlKey || event.metaKey, range: event.shiftKey }));
    },
    onDoubleClick: () => onOpen(entry),
    onContextMenu: (event: MouseEvent) => {
      event.preventDefault();
      if ((event.nativeEvent as PointerEvent).pointerType === 'touch') return toggle();
      if (!selection.chosen.has(entry.path)) onSelection((before) => press(before, keys, entry.path));
      onMenu({ x: event.clientX, y: event.clientY });
    },
    onMore: (event: MouseEvent) => {
      if (!selection.chosen.has(entry.path)) onSelection((before) => press(before, keys, entry.path));
      const { left, bottom } = event.currentTarget.getBoundingClientRect();
      onMenu({ x: left, y: bottom });
    },
  };
}

/** Where the menu of the entry under the cursor opens for the keyboard. */
function cornerOf(cursor: number): { x: number; y: number } {
  const place = document.getElementById(idOf(cursor))?.getBoundingClientRect();
  return place === undefined ? { x: 200, y: 200 } : { x: place.left + 48, y: place.bottom - 8 };
}

/** The page follows the cursor of the keyboard; a click is where one looks already. */
function useCursorInView(body: React.RefObject<HTMLDivElement | null>, cursor: number, { columns, rowHeight }: Layout) {
  // What is marked when the folder opens is shown too.
  const byKey = useRef(true);
  const previous = useRef(-1);
  useEffect(() => {
    if (cursor < 0 || cursor === previous.current) return;
    previous.current = cursor;
    if (!byKey.current) return;
    byKey.current = false;
    const start = body.current?.getBoundingClientRect().top ?? 0;
    const top = start + Math.floor(cursor / columns) * rowHeight;
    if (top < ABOVE_PX) window.scrollBy({ top: top - ABOVE_PX });
    else if (top + rowHeight > window.innerHeight - BELOW_PX) window.scrollBy({ top: top + rowHeight - window.innerHeight + BELOW_PX });
  }, [body, cursor, columns, rowHeight]);
  return byKey;
}

/** Typing letters goes to the next name that begins with them. */
function useTypeAhead(entries: readonly Entry[], cursor: number, go: (path: string) => void) {
  const typed = useRef({ text: '', at: 0 });
  return useCallback(
    (event: KeyboardEvent): boolean => {
      if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return false;
      const now = Date.now();
      const text = now - typed.current.at < TYPE_PAUSE_MS ? typed.current.text + event.key : event.key;
      typed.current = { text, at: now };
      const found = typedAhead(entries, cursor, text, ({ name }) => shownName(name));
      if (found !== undefined) go(found.path);
      return true;
    },
    [entries, cursor, go],
  );
}

export const entriesLabel = (folder: string, count: number): string => t('files.entriesOf', { name: folder, count });
