import { describe, expect, it } from 'vitest';
import { Speed } from './speed';
import { metadata } from './tus';
import { inOrder, isSame, readKept, type State, totals, type Upload } from './upload';

const upload = (state: State, more: Partial<Upload> = {}): Upload => ({
  id: state, name: 'a', into: '/r', place: 'R', folder: '', size: 100, modifiedMs: 5, sent: 40, state, reason: null, url: '/u', onConflict: 'fail', ...more,
});

describe('uploads', () => {
  it('are added up without those left out', () => {
    expect(totals([upload('sending'), upload('done'), upload('conflict', { sent: 0 }), upload('skipped'), upload('paused')])).toEqual({
      files: 4, done: 1, going: 1, stuck: 1, bytes: 400, sent: 180,
    });
  });

  it('show first what needs somebody', () => {
    const states: State[] = ['done', 'waiting', 'sending', 'lost', 'conflict'];
    expect(inOrder(states.map((state) => upload(state))).map(({ state }) => state)).toEqual(['conflict', 'lost', 'sending', 'waiting', 'done']);
  });

  it('know their file again by name, size and time', () => {
    expect(isSame(upload('lost'), { name: 'a', size: 100, lastModified: 5 })).toBe(true);
    expect(isSame(upload('lost'), { name: 'a', size: 101, lastModified: 5 })).toBe(false);
  });

  it('take only what has the right shape from the browser', () => {
    const good = { id: '1', name: 'a', into: '/r', place: 'R', folder: '', size: 1, modifiedMs: 2, url: '/u' };
    expect(readKept(JSON.stringify([good, { ...good, size: '1' }, null, 7]))).toEqual([good]);
    expect([readKept('{'), readKept(null), readKept('{}')]).toEqual([[], [], []]);
  });

  it('tell the server names of any script', () => {
    expect(metadata({ filename: 'ä.txt', path: '/r' })).toBe('filename w6QudHh0,path L3I=');
  });

  it('are as quick as the last seconds were', () => {
    const speed = new Speed();
    expect(speed.rate(0)).toBeNull();
    speed.add(1_000, 0);
    speed.add(1_000, 1_000);
    expect(speed.rate(1_000)).toBe(2_000);
    expect(speed.rate(60_000)).toBeNull();
  });
});
