import { describe, expect, it } from 'vitest';
import type { Place } from '@/api/types';
import { changed, moved, neighbour, targetAt } from './order';

const places: Place[] = ['a', 'b', 'c', 'd'].map((id) => ({ id, size: 'small', shown: id !== 'b' }));
const ids = (list: Place[]) => list.map(({ id }) => id).join('');

describe('moving', () => {
  it('counts what is shown and keeps what is hidden', () => {
    expect(ids(moved(places, 'd', 0))).toBe('dacb');
    expect(ids(moved(places, 'a', 99))).toBe('cdab');
    expect(ids(moved(places, 'a', -1))).toBe('acdb');
    expect(moved(places, 'nothing', 0)).toBe(places);
  });
  it('changes one place only', () => {
    expect(changed(places, 'a', { size: 'wide' })[0]).toEqual({ id: 'a', size: 'wide', shown: true });
    expect(changed(places, 'a', { size: 'wide' })[1]).toBe(places[1]);
  });
});

describe('a grid of two columns', () => {
  const box = (left: number, top: number, width = 100) => ({ left, top, width, height: 100 });
  const boxes = [box(0, 0), box(100, 0), box(0, 100, 200), box(0, 200), box(100, 200)];
  it('knows what is above and below', () => {
    expect(neighbour(boxes, 0, 'up')).toBe(-1);
    expect(neighbour(boxes, 1, 'down')).toBe(2);
    expect(neighbour(boxes, 4, 'up')).toBe(2);
    expect(neighbour(boxes, 2, 'down')).toBe(3);
    expect(neighbour(boxes, 4, 'down')).toBe(-1);
  });
  it('knows where a held card belongs', () => {
    expect(targetAt(boxes, 0, 20, 20)).toBeNull();
    expect(targetAt(boxes, 0, 190, 50)).toBe(1);
    expect(targetAt(boxes, 0, 110, 50)).toBe(0);
    expect(targetAt(boxes, 0, 50, 190)).toBe(2);
    expect(targetAt(boxes, 4, 10, 250)).toBe(3);
    expect(targetAt(boxes, 4, 10, 900)).toBeNull();
  });
});
