import { type PointerEvent as ReactPointerEvent, type RefObject, useEffect, useRef, useState } from 'react';
import type { Entry } from '@/domain/files';
import classes from './Entries.module.css';
import { type Box, boxOf, type Layout, touched } from './layout';
import type { Selection } from './selection';

const LEAST_PX = 5;
const EDGE_PX = 48;
const STEP_PX = 14;

interface Started {
  x: number;
  y: number;
  /** What stays chosen beside what the frame touches. */
  kept: ReadonlySet<string>;
}

/** Drawing a frame with the mouse chooses what it touches; near the edge of the screen the page goes along. */
export function useMarquee(
  body: RefObject<HTMLDivElement | null>,
  entries: readonly Entry[],
  layout: Layout,
  selection: Selection,
  onSelection: (change: (before: Selection) => Selection) => void,
) {
  const [box, setBox] = useState<Box | null>(null);
  const latest = useRef({ entries, layout, onSelection });
  latest.current = { entries, layout, onSelection };
  const stop = useRef<(() => void) | null>(null);
  useEffect(() => () => stop.current?.(), []);

  const onPointerDown = (event: ReactPointerEvent) => {
    const target = event.target as HTMLElement;
    if (event.pointerType !== 'mouse' || event.button !== 0 || target.closest('[data-solid], button, input') !== null) return;
    const place = body.current!.getBoundingClientRect();
    const plus = event.ctrlKey || event.metaKey || event.shiftKey;
    const started: Started = { x: event.clientX - place.left, y: event.clientY - place.top, kept: plus ? selection.chosen : new Set() };
    stop.current = watch(body.current!, started, latest, setBox);
  };
  const frame = box && (
    <div
      className={classes.marquee}
      aria-hidden
      style={{ left: box.left, top: box.top, width: box.right - box.left, height: box.bottom - box.top }}
    />
  );
  return { onPointerDown, frame };
}

interface Latest {
  entries: readonly Entry[];
  layout: Layout;
  onSelection: (change: (before: Selection) => Selection) => void;
}

function watch(body: HTMLElement, started: Started, latest: RefObject<Latest>, setBox: (box: Box | null) => void): () => void {
  let pointer: { x: number; y: number } | null = null;
  let begun = false;
  const draw = () => {
    if (pointer === null) return;
    const place = body.getBoundingClientRect();
    const box = boxOf(started.x, started.y, pointer.x - place.left, pointer.y - place.top);
    if (!begun && box.right - box.left < LEAST_PX && box.bottom - box.top < LEAST_PX) return;
    begun = true;
    setBox(box);
    const { entries, layout, onSelection } = latest.current;
    const inside = touched(box, entries.length, layout).map((index) => entries[index]!.path);
    onSelection((before) => ({ ...before, chosen: new Set([...started.kept, ...inside]) }));
  };
  const onMove = (event: PointerEvent) => {
    pointer = { x: event.clientX, y: event.clientY };
    draw();
  };
  const timer = window.setInterval(() => {
    if (!begun || pointer === null) return;
    const by = pointer.y < EDGE_PX ? -STEP_PX : pointer.y > window.innerHeight - EDGE_PX ? STEP_PX : 0;
    if (by === 0) return;
    window.scrollBy({ top: by, behavior: 'instant' });
    draw();
  }, 16);
  const end = () => {
    window.clearInterval(timer);
    window.removeEventListener('pointermove', onMove);
    window.removeEventListener('pointerup', finish);
    setBox(null);
  };
  const finish = () => {
    end();
    // The click that ends it is not one on what lies under it.
    if (begun) window.addEventListener('click', (event) => event.stopPropagation(), { capture: true, once: true });
  };
  window.addEventListener('pointermove', onMove);
  window.addEventListener('pointerup', finish);
  return end;
}
