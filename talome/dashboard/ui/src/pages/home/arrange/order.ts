import type { Place } from '@/api/types';

export const SIZES: Place['size'][] = ['small', 'wide', 'full'];

/** The places with one of those that are shown moved to another position among them; hidden ones go last. */
export function moved(places: Place[], id: string, to: number): Place[] {
  const shown = places.filter((place) => place.shown);
  const from = shown.findIndex((place) => place.id === id);
  const [place] = from < 0 ? [] : shown.splice(from, 1);
  if (place === undefined) return places;
  shown.splice(Math.max(0, Math.min(shown.length, to)), 0, place);
  return [...shown, ...places.filter((each) => !each.shown)];
}

export const changed = (places: Place[], id: string, change: Partial<Place>): Place[] =>
  places.map((place) => (place.id === id ? { ...place, ...change } : place));

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Which box lies above or below another, the nearest row first and in it the nearest column; -1 for none. */
export function neighbour(boxes: Box[], index: number, direction: 'up' | 'down'): number {
  const own = boxes[index];
  if (own === undefined) return -1;
  let best = -1;
  let distance = Infinity;
  boxes.forEach((box, other) => {
    const gap = direction === 'down' ? box.top - own.top : own.top - box.top;
    if (other === index || gap <= 1) return;
    const sideways = Math.abs(box.left + box.width / 2 - own.left - own.width / 2);
    if (gap * 10_000 + sideways < distance) {
      distance = gap * 10_000 + sideways;
      best = other;
    }
  });
  return best;
}

/** Where a card that is held at a point belongs among the others; null where the point is over none of them. */
export function targetAt(boxes: Box[], own: number, x: number, y: number): number | null {
  const over = boxes.findIndex(
    ({ left, top, width, height }, index) => index !== own && x >= left && x < left + width && y >= top && y < top + height,
  );
  const box = boxes[over];
  if (box === undefined) return null;
  const mine = boxes[own];
  const stacked = mine !== undefined && Math.abs(mine.top - box.top) > 1 && box.width > mine.width * 1.5;
  const after = stacked ? y > box.top + box.height / 2 : x > box.left + box.width / 2;
  const place = over + (after ? 1 : 0);
  return place > own ? place - 1 : place;
}
