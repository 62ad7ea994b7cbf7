import { type PointerEvent, useEffect, useRef } from 'react';

const LONG_MS = 480;
const STILL_PX = 10;

/** A finger that stays. Not every telephone tells of that by itself; on those that do, the first one counts. */
export function useLongPress(onLong: () => void) {
  const timer = useRef<number | undefined>(undefined);
  const start = useRef({ x: 0, y: 0 });
  const end = () => window.clearTimeout(timer.current);
  useEffect(() => end, []);
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.pointerType !== 'touch') return;
      start.current = { x: event.clientX, y: event.clientY };
      end();
      timer.current = window.setTimeout(() => {
        swallowNext();
        onLong();
      }, LONG_MS);
    },
    onPointerMove: (event: PointerEvent) => {
      if (Math.hypot(event.clientX - start.current.x, event.clientY - start.current.y) > STILL_PX) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
  };
}

/** The click and the menu that lifting the finger makes are part of the same gesture. */
function swallowNext(): void {
  const swallow = (event: Event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  const options = { capture: true };
  window.addEventListener('click', swallow, options);
  window.addEventListener('contextmenu', swallow, options);
  const letGo = () => {
    window.setTimeout(() => {
      window.removeEventListener('click', swallow, options);
      window.removeEventListener('contextmenu', swallow, options);
    }, 60);
    window.removeEventListener('pointerup', letGo);
    window.removeEventListener('pointercancel', letGo);
  };
  window.addEventListener('pointerup', letGo);
  window.addEventListener('pointercancel', letGo);
}
