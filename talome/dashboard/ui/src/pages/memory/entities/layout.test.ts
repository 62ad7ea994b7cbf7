import { describe, expect, it } from 'vitest';
import { layout } from './layout';

const ids = Array.from({ length: 40 }, (_, n) => `n${n}`);

describe('layout', () => {
  it('keeps every node inside the box, and is the same each time', () => {
    const edges = ids.slice(1).map((to, n) => ({ from: ids[Math.floor(n / 3)] ?? '', to }));
    const first = layout(ids, edges, 800, 500);
    for (const { x, y } of first.values()) {
      expect(x).toBeGreaterThanOrEqual(30);
      expect(x).toBeLessThanOrEqual(770);
      expect(y).toBeGreaterThanOrEqual(24);
      expect(y).toBeLessThanOrEqual(476);
    }
    expect([...layout(ids, edges, 800, 500)]).toEqual([...first]);
  });

  it('puts what is linked closer together than what is not', () => {
    const places = layout(ids, [{ from: 'n0', to: 'n39' }], 800, 500);
    const far = (a: string, b: string) => {
      const [one, other] = [places.get(a), places.get(b)];
      return Math.hypot((one?.x ?? 0) - (other?.x ?? 0), (one?.y ?? 0) - (other?.y ?? 0));
    };
    const mean = ids.reduce((sum, id) => sum + far('n0', id), 0) / ids.length;
    expect(far('n0', 'n39')).toBeLessThan(mean / 2);
  });

  it('is not upset by no node, one node, and an edge to nowhere', () => {
    expect(layout([], [], 100, 100).size).toBe(0);
    expect(layout(['a'], [{ from: 'a', to: 'gone' }, { from: 'a', to: 'a' }], 100, 100).get('a')).toBeDefined();
  });
});
