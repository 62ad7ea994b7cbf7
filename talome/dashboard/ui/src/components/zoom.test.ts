import { describe, expect, it } from 'vitest';
import { indicesIn, moved, within, zoomed } from './zoom';

const WHOLE = [0, 3600] as const;

describe('zoom', () => {
  it('halves around the marker, and stays inside of what there is', () => {
    expect(zoomed(WHOLE, 15, WHOLE, null, false)).toEqual([900, 2700]);
    expect(zoomed(WHOLE, 15, WHOLE, 3500, false)).toEqual([1800, 3600]);
    expect(zoomed(WHOLE, 15, [900, 2700], 10, false)).toEqual([1350, 2250]);
  });

  it('does not go closer than a few measurements', () => {
    expect(within(WHOLE, 15, [100, 101])).toEqual([40.5, 160.5]);
    expect(within([0, 60], 15, [10, 20])).toBeNull();
  });

  it('shows everything again when it is that far away', () => {
    expect(zoomed(WHOLE, 15, [900, 2700], null, true)).toBeNull();
    expect(zoomed(WHOLE, 15, [1000, 1400], null, true)).toEqual([800, 1600]);
  });

  it('moves by half a view and stops at the ends', () => {
    expect(moved(WHOLE, 15, [1000, 2000], 1)).toEqual([1500, 2500]);
    expect(moved(WHOLE, 15, [100, 1100], -1)).toEqual([0, 1000]);
  });

  it('finds the data of a part', () => {
    expect(indicesIn([0, 15, 30, 45], [10, 31])).toEqual([1, 2]);
    expect(indicesIn([0, 15], [3, 9])).toBeNull();
    expect(indicesIn([], [0, 9])).toBeNull();
  });
});
