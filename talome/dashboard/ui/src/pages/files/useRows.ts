import { type RefObject, useEffect, useState } from 'react';
import { type Layout, rowsOf, shownRows } from './layout';

const MORE_ROWS = 8;
/** Rows come and go by so many, so that not every step of a scroll draws anew. */
const BY_ROWS = 8;

/** The width of an element, followed as it changes; 0 until it is known. */
export function useWidth(place: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [place]);
  return width;
}

/** Which rows of a list, however long, are near the screen. The page itself scrolls. */
export function useRows(list: RefObject<HTMLElement | null>, count: number, layout: Layout): [from: number, to: number] {
  const [rows, setRows] = useState<[number, number]>([0, 40]);
  useEffect(() => {
    const look = () => {
      const top = -(list.current?.getBoundingClientRect().top ?? 0);
      const [first, last] = shownRows(top, top + window.innerHeight, count, layout, MORE_ROWS);
      const next: [number, number] = [Math.floor(first / BY_ROWS) * BY_ROWS, Math.ceil(last / BY_ROWS) * BY_ROWS];
      setRows((known) => (known[0] === next[0] && known[1] === next[1] ? known : next));
    };
    look();
    window.addEventListener('scroll', look, { passive: true });
    window.addEventListener('resize', look);
    return () => {
      window.removeEventListener('scroll', look);
      window.removeEventListener('resize', look);
    };
  }, [list, count, layout]);
  const last = rowsOf(count, layout);
  return [Math.min(rows[0], last), Math.min(rows[1], last)];
}
