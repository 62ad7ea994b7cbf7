import { describe, expect, it } from 'vitest';
import type { Entry } from '@/domain/files';
import { isArchive, isWithin, lookOf, parentOf, shownName, stemLength, stepsTo, whyNot, withoutEnding } from '@/domain/files';
import { moveOf } from './keys';
import { boxOf, gridLayout, listLayout, shownRows, touched } from './layout';
import { filtered, inOrder, typeOf } from './order';
import { indented, outdented } from './preview/indent';
import { keepOnly, NOTHING, press, step, typedAhead } from './selection';
import './texts';

const entry = (name: string, more: Partial<Entry> = {}): Entry => ({
  name, path: `/r/${name}`, kind: 'file', sizeBytes: 1, modifiedAt: '2026-01-01T00:00:00Z', mediaType: null, thumbnail: false, ...more,
});
const keys = ['a', 'b', 'c', 'd', 'e'];
const chosen = ({ chosen: set }: { chosen: ReadonlySet<string> }) => [...set].sort().join('');

describe('the selection', () => {
  const b = press(NOTHING, keys, 'b');

  it('follows clicks, Ctrl and Shift', () => {
    expect(chosen(b)).toBe('b');
    expect(chosen(press(b, keys, 'd', { toggle: true }))).toBe('bd');
    expect(chosen(press(press(b, keys, 'd', { toggle: true }), keys, 'b', { toggle: true }))).toBe('d');
    expect(chosen(press(b, keys, 'd', { range: true }))).toBe('bcd');
  });

  it('turns a range around its anchor', () => {
    const down = press(b, keys, 'e', { range: true });
    expect(chosen(press(down, keys, 'a', { range: true }))).toBe('ab');
  });

  it('stays inside of the list and moves without choosing while Ctrl is held', () => {
    expect(step(b, keys, 99).cursor).toBe('e');
    expect(step(NOTHING, keys, 1).cursor).toBe('a');
    expect(step(NOTHING, keys, -1).cursor).toBe('e');
    expect([step(NOTHING, keys, 5).cursor, step(NOTHING, keys, -5).cursor]).toEqual(['e', 'a']);
    const moved = step(b, keys, 1, { toggle: true });
    expect([moved.cursor, chosen(moved)]).toEqual(['c', 'b']);
    expect(chosen(step(b, keys, 2, { range: true }))).toBe('bcd');
    expect(step(NOTHING, [], 1)).toBe(NOTHING);
  });

  it('forgets what is gone, and is the same where nothing went', () => {
    expect(chosen(keepOnly(press(b, keys, 'd', { range: true }), ['a', 'c']))).toBe('c');
    expect(keepOnly(b, keys)).toBe(b);
  });

  it('finds the next name that begins with what was typed', () => {
    const names = ['alpha', 'beta', 'bravo', 'Box'];
    expect(typedAhead(names, 1, 'b', (name) => name)).toBe('bravo');
    expect(typedAhead(names, 3, 'b', (name) => name)).toBe('beta');
    expect(typedAhead(names, 1, 'bo', (name) => name)).toBe('Box');
    expect(typedAhead(names, 0, 'z', (name) => name)).toBeUndefined();
  });
});

describe('the layout', () => {
  it('draws only what is near the screen', () => {
    expect(shownRows(44_000, 45_000, 100_000, listLayout(900, 44), 8)).toEqual([992, 1031]);
    expect(shownRows(-500, 0, 10, listLayout(900, 44), 8)).toEqual([0, 8]);
  });

  it('knows what a frame touches', () => {
    expect(touched(boxOf(10, 100, 20, 40), 9, listLayout(900, 44))).toEqual([0, 1, 2]);
    const tiles = gridLayout(600);
    expect(tiles.columns).toBe(4);
    expect(touched(boxOf(140, 10, 310, 170), 7, tiles)).toEqual([0, 1, 2, 4, 5, 6]);
    expect(touched(boxOf(0, 5000, 10, 6000), 7, tiles)).toEqual([]);
  });

  it('moves the cursor by rows and columns', () => {
    expect(moveOf({ key: 'ArrowDown', altKey: false }, 4, 20, 100)).toBe(4);
    expect(moveOf({ key: 'ArrowLeft', altKey: false }, 1, 20, 100)).toBeNull();
    expect(moveOf({ key: 'ArrowUp', altKey: true }, 1, 20, 100)).toBeNull();
    expect(moveOf({ key: 'x', altKey: false }, 1, 20, 100)).toBeNull();
  });
});

describe('the order', () => {
  const entries = [entry('B', { kind: 'folder' }), entry('Z', { kind: 'folder' }), entry('a.txt', { sizeBytes: 5 }), entry('b.jpg', { sizeBytes: 9 })];
  const names = (list: readonly Entry[]) => list.map(({ name }) => name);

  it('keeps folders first whatever it is', () => {
    expect(inOrder(entries, { sort: 'name', descending: false })).toBe(entries);
    expect(names(inOrder(entries, { sort: 'name', descending: true }))).toEqual(['Z', 'B', 'b.jpg', 'a.txt']);
    expect(names(inOrder(entries, { sort: 'size', descending: true }))).toEqual(['B', 'Z', 'b.jpg', 'a.txt']);
    expect(names(inOrder(entries, { sort: 'type', descending: false }))).toEqual(['B', 'Z', 'b.jpg', 'a.txt']);
  });

  it('filters by every word', () => {
    expect(names(filtered([entry('Holiday 2026.jpg'), entry('Holiday 2025.jpg')], 'holi 26'))).toEqual(['Holiday 2026.jpg']);
    expect([typeOf('.bashrc'), typeOf('a.TAR'), typeOf('b')]).toEqual(['', 'tar', '']);
  });
});

describe('names and paths', () => {
  it('know where they are', () => {
    expect([parentOf('/a/b'), parentOf('/a')]).toEqual(['/a', '/']);
    expect(stepsTo('/a/b c').map(({ path }) => path)).toEqual(['/a', '/a/b c']);
    expect([isWithin('/a/bc', '/a/b'), isWithin('/a/b/c', '/a/b'), isWithin('/a/b', '/a/b')]).toEqual([false, true, true]);
  });

  it('say why they cannot be', () => {
    expect(whyNot('a')).toBeNull();
    for (const name of ['', '  ', '.', '..', 'a/b', 'ä'.repeat(128)]) expect(whyNot(name)).toMatch(/\.$/);
  });

  it('show what is no text, and mark all but the ending', () => {
    expect(shownName('a\uf7ff')).toBe('a\ufffd');
    expect([stemLength('a.tar', false), stemLength('a.b', true), stemLength('.env', false)]).toEqual([1, 3, 4]);
    expect([withoutEnding('a.tar.gz'), isArchive(entry('a.tgz')), isArchive(entry('a.gz'))]).toEqual(['a', true, false]);
  });

  it('are shown as what they are, a picture with scripts as text', () => {
    expect(lookOf(entry('x.svg', { mediaType: 'image/svg+xml' }))).toBe('text');
    expect(lookOf(entry('x.jpg', { mediaType: 'image/jpeg' }))).toBe('image');
    expect(lookOf(entry('x.jpg', { mediaType: 'image/jpeg', kind: 'fifo' }))).toBe('special');
    expect([lookOf(entry('Makefile')), lookOf(entry('x.MD')), lookOf(entry('x.bin'))]).toEqual(['text', 'markdown', 'file']);
  });
});

describe('indenting', () => {
  const apply = (text: string, { from, to, insert }: { from: number; to: number; insert: string }) => text.slice(0, from) + insert + text.slice(to);

  it('puts in a step, or moves every line', () => {
    expect(apply('ab', indented('ab', 1, 1))).toBe('a  b');
    expect(apply('a\n\nb', indented('a\n\nb', 0, 4))).toBe('  a\n\n  b');
    expect(apply('x:\n\ty', indented('x:\n\ty', 0, 0))).toBe('\tx:\n\ty');
  });

  it('takes it back as far as it goes', () => {
    expect(apply('  a\n b\nc', outdented('  a\n b\nc', 3, 8))).toBe('a\nb\nc');
    expect(outdented('  a', 1, 1)).toMatchObject({ insert: 'a', start: 0 });
  });
});
