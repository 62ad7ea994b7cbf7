import { describe, expect, it } from 'vitest';
import './texts';
import { forecastWords, isSoon } from './forecast';
import { nameFrom } from './mounts/name';
import { treemap } from './usage/treemap';
import { partsOf, wayTo } from './usage/tree';
import type { Forecast, UsageNode } from './useStorage';

const whole = { x: 0, y: 0, width: 600, height: 400 };

describe('the treemap', () => {
  it('gives every part the area that it has', () => {
    const sizes = [60, 30, 20, 10, 5, 1, 0];
    const tiles = treemap(sizes, (size) => size, whole);
    expect(tiles.length).toBe(6);
    for (const { item, width, height } of tiles) expect(width * height).toBeCloseTo((item / 126) * 240_000, 3);
  });

  it('covers the whole without one on another', () => {
    const tiles = treemap(Array.from({ length: 40 }, (_, index) => 40 - index), (size) => size, whole);
    for (const { x, y, width, height } of tiles) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(600.001);
      expect(y + height).toBeLessThanOrEqual(400.001);
    }
    const overlap = tiles.some((a, i) =>
      tiles.slice(i + 1).some((b) => a.x < b.x + b.width - 0.01 && b.x < a.x + a.width - 0.01 && a.y < b.y + b.height - 0.01 && b.y < a.y + a.height - 0.01),
    );
    expect(overlap).toBe(false);
  });

  it('keeps them nearly square', () => {
    const tiles = treemap([6, 6, 4, 3, 2, 2, 1], (size) => size, whole);
    for (const { width, height } of tiles) expect(Math.max(width / height, height / width)).toBeLessThan(3);
  });

  it('draws nothing of nothing', () => {
    expect(treemap([0, 0], (size) => size, whole)).toEqual([]);
    expect(treemap([1], (size) => size, { ...whole, width: 0 })).toEqual([]);
  });
});

describe('the tree of what takes room', () => {
  const node = (id: string, sizeBytes: number, children: UsageNode[] = []): UsageNode => ({ id, name: id, kind: 'folder', sizeBytes, ref: null, path: null, children });
  const root = node('all', 100, [node('a', 30, [node('b', 10)]), node('c', 50)]);

  it('knows the way, and begins anew where there is none', () => {
    expect(wayTo(root, 'b').map(({ id }) => id)).toEqual(['all', 'a', 'b']);
    expect(wayTo(root, 'gone').map(({ id }) => id)).toEqual(['all']);
  });

  it('names what is left over', () => {
    expect(partsOf(root, 'rest').map(({ node: { name, sizeBytes }, rest }) => [name, sizeBytes, rest])).toEqual([['c', 50, false], ['a', 30, false], ['rest', 20, true]]);
    expect(partsOf(node('x', 5), 'rest')).toEqual([]);
  });
});

it('says in words when a disk is full', () => {
  const forecast = (daysLeft: number | null, more: Partial<Forecast> = {}) => ({ daysLeft, bytesPerDay: 1, reason: null, ...more }) as Forecast;
  expect(forecastWords(forecast(62))).toBe('Full in about 9 weeks if it goes on like this.');
  expect(forecastWords(forecast(null, { reason: 'Too little history.' }))).toBe('Too little history.');
  expect(forecastWords(forecast(null, { bytesPerDay: -5 }))).toBe('It is getting emptier.');
  expect([isSoon(forecast(30)), isSoon(forecast(300)), isSoon(forecast(null))]).toEqual([true, false, false]);
});

it('makes a folder’s name of a label', () => {
  expect([nameFrom('My Photos (2026)'), nameFrom('Ünïcode'), nameFrom('--')]).toEqual(['my-photos-2026', 'unicode', '']);
});
