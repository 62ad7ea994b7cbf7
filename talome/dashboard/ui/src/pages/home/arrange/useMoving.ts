import { type KeyboardEvent, type PointerEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Place } from '@/api/types';
import { type Box, moved, neighbour, targetAt } from './order';

const THRESHOLD_PX = 5;
const EDGE_PX = 90;
const SCROLL_PX = 14;

export type Told = 'pickedUp' | 'movedTo' | 'dropped' | 'putBack';

interface Drag {
  id: string;
  /** Where the card was taken, from its own corner. */
  grabX: number;
  grabY: number;
  startX: number;
  startY: number;
  x: number;
  y: number;
  moving: boolean;
}

interface Options {
  places: Place[];
  visible: Place[];
  onDrop: (places: Place[]) => void;
  onTell: (what: Told, id: string, position: number) => void;
}

/** Moves cards: dragged by a pointer, or picked up with Enter and moved by the arrow keys. Escape puts a card back. */
export function useMoving({ places, visible, onDrop, onTell }: Options) {
  const grid = useRef<HTMLDivElement>(null);
  const [draft, setDraft] = useState<Place[] | null>(null);
  const [picked, setPicked] = useState<string | null>(null);
  const drag = useRef<Drag | null>(null);
  const justDragged = useRef(false);
  const mayBeSeen = new Set(visible.map(({ id }) => id));
  const current = draft ?? places;
  const shown = current.filter(({ id, shown }) => shown && mayBeSeen.has(id));

  const frames = () => [...(grid.current?.querySelectorAll<HTMLElement>(':scope > [data-card]') ?? [])];
  const frameOf = (id: string) => frames().find((frame) => frame.dataset.card === id);
  const boxes = (): Box[] =>
    frames().map((frame) => ({ left: frame.offsetLeft, top: frame.offsetTop, width: frame.offsetWidth, height: frame.offsetHeight }));
  /** Among the cards that are seen; those that are not keep out of the way, at the end. */
  const moveTo = (id: string, to: number) => {
    const seen = [...shown, ...current.filter((place) => !shown.includes(place))];
    setDraft(moved(seen, id, to));
  };
  const end = (keep: boolean, id: string) => {
    const position = (keep ? shown : visible).findIndex((place) => place.id === id) + 1;
    if (keep && draft !== null) onDrop(draft);
    setPicked(null);
    setDraft(null);
    onTell(keep ? 'dropped' : 'putBack', id, position);
  };

  // The held card follows the pointer, wherever its place in the grid has gone meanwhile.
  const follow = () => {
    const held = drag.current;
    const frame = held && frameOf(held.id);
    if (!held?.moving || !frame || !grid.current) return;
    const origin = grid.current.getBoundingClientRect();
    const [x, y] = [held.x - origin.left - held.grabX - frame.offsetLeft, held.y - origin.top - held.grabY - frame.offsetTop];
    frame.style.setProperty('transform', `translate(${x}px, ${y}px)`);
  };
  useLayoutEffect(follow);
  // React may have moved the card in the document, and a moved element loses the focus.
  useLayoutEffect(() => {
    if (picked !== null) frameOf(picked)?.querySelector<HTMLElement>('[data-handle]')?.focus();
  });

  const letGo = (keep: boolean) => {
    const held = drag.current;
    drag.current = null;
    if (!held?.moving) return;
    frameOf(held.id)?.style.removeProperty('transform');
    justDragged.current = true;
    window.setTimeout(() => (justDragged.current = false));
    end(keep, held.id);
  };

  const onMove = (event: globalThis.PointerEvent) => {
    const held = drag.current;
    if (held === null || grid.current === null) return;
    held.x = event.clientX;
    held.y = event.clientY;
    const own = shown.findIndex((place) => place.id === held.id);
    if (!held.moving) {
      if (Math.hypot(held.x - held.startX, held.y - held.startY) < THRESHOLD_PX) return;
      held.moving = true;
      setPicked(null);
      setDraft(current);
      onTell('pickedUp', held.id, own + 1);
    }
    if (held.y < EDGE_PX) window.scrollBy(0, -SCROLL_PX);
    else if (held.y > window.innerHeight - EDGE_PX) window.scrollBy(0, SCROLL_PX);
    const origin = grid.current.getBoundingClientRect();
    const to = targetAt(boxes(), own, held.x - origin.left, held.y - origin.top);
    if (to !== null && to !== own) moveTo(held.id, to);
    else follow();
  };
  const latest = useRef({ onMove, letGo });
  latest.current = { onMove, letGo };
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  const onPointerDown = (id: string) => (event: PointerEvent<HTMLElement>) => {
    const element = event.target as Element;
    const onHandle = element.closest('[data-handle]') !== null;
    // A finger scrolls the page unless it is on the handle; buttons stay buttons.
    if (event.button !== 0 || (!onHandle && (event.pointerType !== 'mouse' || element.closest('button')))) return;
    const box = event.currentTarget.getBoundingClientRect();
    const { clientX: x, clientY: y } = event;
    drag.current = { id, grabX: x - box.left, grabY: y - box.top, startX: x, startY: y, x, y, moving: false };
    // On the window: a card that moves in the document would lose a pointer that it had captured.
    stop.current?.abort();
    stop.current = new AbortController();
    const { signal } = stop.current;
    const over = (keep: boolean) => () => {
      stop.current?.abort();
      latest.current.letGo(keep);
    };
    window.addEventListener('pointermove', (move) => latest.current.onMove(move), { signal });
    window.addEventListener('pointerup', over(true), { signal });
    window.addEventListener('pointercancel', over(false), { signal });
    window.addEventListener('keydown', (key) => key.key === 'Escape' && over(false)(), { signal });
  };

  const handle = (id: string) => ({
    'data-handle': true,
    'aria-pressed': picked === id,
    onClick: () => {
      if (justDragged.current) return;
      if (picked === id) return end(true, id);
      if (picked !== null && draft !== null) onDrop(draft);
      setPicked(id);
      onTell('pickedUp', id, shown.findIndex((place) => place.id === id) + 1);
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (picked !== id) return;
      const own = shown.findIndex((place) => place.id === id);
      const rtl = document.documentElement.dir === 'rtl' ? -1 : 1;
      const steps: Record<string, () => number> = {
        ArrowLeft: () => own - rtl,
        ArrowRight: () => own + rtl,
        ArrowUp: () => neighbour(boxes(), own, 'up'),
        ArrowDown: () => neighbour(boxes(), own, 'down'),
        Home: () => 0,
        End: () => shown.length - 1,
      };
      const step = steps[event.key];
      if (event.key === 'Escape') end(false, id);
      else if (step === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      const to = step?.() ?? -1;
      if (to < 0 || to >= shown.length || to === own) return;
      moveTo(id, to);
      onTell('movedTo', id, to + 1);
    },
  });

  const holding = drag.current?.moving ? drag.current.id : null;
  return { grid, shown, picked, held: draft === null ? null : (picked ?? holding), onPointerDown, handle };
}
