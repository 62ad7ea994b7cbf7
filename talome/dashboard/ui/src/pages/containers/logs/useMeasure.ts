import { type RefObject, useEffect, useState } from 'react';

export const ROW_PX = 20;
const SAMPLE = 'm'.repeat(100);

export interface Measure {
  width: number;
  height: number;
  /** Width of a character in pixels; 0 before it is known. */
  character: number;
}

/** The size of the view and of a character in it. */
export function useMeasure(viewport: RefObject<HTMLElement | null>): Measure {
  const [size, setSize] = useState<Measure>({ width: 0, height: 0, character: 0 });
  useEffect(() => {
    const element = viewport.current;
    if (element === null) return;
    const measure = () =>
      setSize({ width: element.clientWidth, height: element.clientHeight, character: characterWidth(element) });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    void document.fonts.ready.then(measure);
    return () => observer.disconnect();
  }, [viewport]);
  return size;
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
