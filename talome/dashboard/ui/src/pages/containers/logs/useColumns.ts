import { type RefObject, useEffect, useState } from 'react';
import type { LogSettings } from './settings';

/** Space that is not text: the padding of a row, and the time in front of it. */
const PADDING_PX = 36;
const TIME_CHARACTERS = 10;
const SAMPLE = 'm'.repeat(100);

/** How many characters of the log's font fit into a row; Infinity while lines are not wrapped. */
export function useColumns(viewport: RefObject<HTMLElement | null>, { wrap, timestamps }: LogSettings): number {
  const [size, setSize] = useState({ width: 0, character: 8 });
  useEffect(() => {
    const element = viewport.current;
    if (element === null || !wrap) return;
    const measure = () => setSize({ width: element.clientWidth, character: characterWidth(element) });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    void document.fonts.ready.then(measure);
    return () => observer.disconnect();
  }, [viewport, wrap]);
  if (!wrap || size.width === 0) return Infinity;
  const columns = Math.floor((size.width - PADDING_PX) / size.character) - (timestamps ? TIME_CHARACTERS : 0);
  return Math.max(20, columns);
}

function characterWidth(element: HTMLElement): number {
  const probe = document.createElement('span');
  probe.textContent = SAMPLE;
  probe.style.position = 'absolute';
  probe.style.visibility = 'hidden';
  element.append(probe);
  const { width } = probe.getBoundingClientRect();
  probe.remove();
  return width / SAMPLE.length || 8;
}
