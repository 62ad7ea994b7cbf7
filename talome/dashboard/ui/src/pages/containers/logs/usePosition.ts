import { type RefObject, useLayoutEffect, useRef, useState } from 'react';
import type { Entry } from './buffer';
import type { LogModel } from './model';
import { ROW_PX } from './useMeasure';

/** So close to the end counts as the end. */
const NEAR_END_PX = ROW_PX;

export interface Position {
  top: number;
  following: boolean;
  /** Lines that came since the end was left. */
  fresh: number;
  onScroll: () => void;
  follow: () => void;
  /** Leaves the end: what is read stays. */
  stay: () => void;
  /** Brings a line to the middle. */
  show: (entry: Entry) => void;
}

/**
 * Where the view stands. It follows the end until the reader scrolls up; from then on the line at the top stays where it
 * is, whatever comes below, goes above, is put in between or is wrapped anew.
 */
export function usePosition(viewport: RefObject<HTMLElement | null>, model: LogModel, height: number): Position {
  const [top, setTop] = useState(0);
  const [following, setFollowing] = useState(true);
  const anchor = useRef<{ entry: Entry; row: number } | null>(null);
  const receivedBefore = useRef(0);
  const { shown } = model;

  const stay = () => {
    if (model.held) return;
    model.held = true;
    receivedBefore.current = model.received;
    setFollowing(false);
  };
  const follow = () => {
    model.held = false;
    anchor.current = null;
    setFollowing(true);
  };
  const hold = (element: HTMLElement) => {
    const index = shown.indexAt(Math.floor(element.scrollTop / ROW_PX));
    const entry = shown.lines[index];
    anchor.current = entry === undefined ? null : { entry, row: shown.startOf(index) };
  };
  const onScroll = () => {
    const element = viewport.current;
    if (element === null) return;
    setTop(element.scrollTop);
    if (element.scrollTop + element.clientHeight >= element.scrollHeight - NEAR_END_PX) follow();
    else {
      stay();
      hold(element);
    }
  };

  useLayoutEffect(() => {
    const element = viewport.current;
    if (element === null) return;
    if (following) element.scrollTop = element.scrollHeight;
    else if (anchor.current !== null) {
      const { entry, row } = anchor.current;
      const now = shown.startOf(shown.indexNear(entry, row));
      if (now !== row) element.scrollTop += (now - row) * ROW_PX;
      anchor.current = { entry, row: now };
      if (entry.gone) hold(element);
    }
    // What is drawn is chosen by it, so it has to be right before anything is painted.
    setTop(element.scrollTop);
    // Not after mere scrolling: to ask for the place makes the browser lay out everything at once.
  }, [viewport, shown, model.version, shown.wrappedAt, following, height]);

  const show = (entry: Entry) => {
    const element = viewport.current;
    if (element === null) return;
    stay();
    const row = shown.startOf(shown.indexNear(entry));
    element.scrollTop = Math.max(0, row * ROW_PX - element.clientHeight / 2);
    hold(element);
    setTop(element.scrollTop);
  };

  return { top, following, fresh: following ? 0 : model.received - receivedBefore.current, onScroll, follow, stay, show };
}
