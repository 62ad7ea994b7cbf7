import { type RefObject, useEffect, useState } from 'react';

/** So many pixels beyond the edges of the screen are drawn too. */
const BEYOND_PX = 900;
const STEP_PX = 300;

/** The part of a tall list that is on the screen, in pixels from its top; everything while it is short. */
export function useWindow(list: RefObject<HTMLElement | null>, wanted: boolean): [from: number, to: number] {
  const [top, setTop] = useState(0);
  useEffect(() => {
    if (!wanted) return;
    const look = () => {
      const above = -(list.current?.getBoundingClientRect().top ?? 0);
      setTop(Math.floor(above / STEP_PX) * STEP_PX);
    };
    look();
    window.addEventListener('scroll', look, { passive: true });
    window.addEventListener('resize', look);
    return () => {
      window.removeEventListener('scroll', look);
      window.removeEventListener('resize', look);
    };
  }, [list, wanted]);
  return wanted ? [top - BEYOND_PX, top + STEP_PX + window.innerHeight + BEYOND_PX] : [0, Infinity];
}

export interface Visible<T> {
  before: number;
  items: T[];
  after: number;
}

/** The items within the window, and the height of those before and after them. */
export function visible<T>(items: T[], heightOf: (item: T) => number, from: number, to: number): Visible<T> {
  const shown: T[] = [];
  let before = 0;
  let after = 0;
  let top = 0;
  for (const item of items) {
    const height = heightOf(item);
    if (top + height <= from) before += height;
    else if (top >= to) after += height;
    else shown.push(item);
    top += height;
  }
  return { before, items: shown, after };
}
