import { describe, expect, it } from 'vitest';
import type { LogLine } from '@/api/types';
import { plainText, stretches } from './ansi';
import { type Entry, entryOf, LogBuffer, plainOf } from './buffer';
import { choose, chosenText, textOf } from './choice';
import { isAtLeast, levelOf } from './level';
import { piecesOf } from './marks';
import { mergedAddress, mergedNames } from './merged';
import { patternOf, rangesIn } from './searcher';
import { noFilter, ShownLines } from './shown';
import { Clock, isoOf, timeOf } from './time';
import { breaksOf, rowsOf } from './wrap';

const line = (text: string, stream: LogLine['stream'] = 'stdout'): LogLine => ({ at: '', stream, text, cut: false });
const entry = (text: string, at = 0, source = 0, stream: LogLine['stream'] = 'stdout'): Entry =>
  entryOf(line(text, stream), at, source);
const many = (count: number, from = 0, source = 0): Entry[] =>
  Array.from({ length: count }, (_, index) => entry(`line ${from + index}`, from + index, source));
const texts = (entries: Entry[]) => entries.map(({ text }) => text);

describe('ansi', () => {
  it('splits text where its look changes and drops the rest', () => {
    const parts = stretches('\u001b[1;31mbad\u001b[0m ok\u001b[2K');
    expect(parts.map(({ text, colour, bold }) => [text, colour, bold])).toEqual([
      ['bad', 1, true],
      [' ok', null, false],
    ]);
    expect(plainText('\u001b]0;title\u0007a\tb\u001b[K')).toBe('a    b');
    expect(stretches('\u001b[41;9mx')[0]).toMatchObject({ ground: 1, struck: true });
    expect(stretches('\u001b[7mx')[0]?.ground).toBe(8);
  });

  it('brings other colours to the nearest of the sixteen', () => {
    expect(stretches('\u001b[38;5;196mx')[0]?.colour).toBe(9);
    expect(stretches('\u001b[38;2;0;150;0mx')[0]?.colour).toBe(2);
    expect(stretches('\u001b[38;5;196;4mx')[0]?.underline).toBe(true);
    expect(stretches('\u001b[38;5;999999mx\u001b[38;2;nan;1e9;5mx')[0]?.colour).toBeNull();
  });

  it('takes away what would move the cursor, and shows what would hide or turn text around', () => {
    expect(plainText('a\u001b[2J\u001b[1;1H\u001b[9999Cb\u001b7\u001bc\u009b31mc')).toBe('abc');
    expect(plainText('\u001b]8;;http://evil/\u001b\\link\u001b]8;;\u001b\\')).toBe('link');
    expect(plainText('admin\rlogin\b\u0000')).toBe('admin␍login␈␀');
    expect(plainText('safe\u202egnp.exe')).toBe('safe\ufffdgnp.exe');
    expect(plainText('rest \u001b]0;never ended')).toBe('rest ');
  });

  it('is quick with bombs, and what is drawn is what is searched', () => {
    const bombs = [
      '\u001b[31mx'.repeat(12_000), '\u001b['.repeat(30_000), '\u001b]'.repeat(30_000), '\u001b[;;;;'.repeat(12_000),
      `${'\u009d'.repeat(32_000)}\u001b\u0001`,
    ];
    const noise = Array.from({ length: 65_536 }, (_, index) => String.fromCharCode((index * 7919) % 256)).join('');
    const started = performance.now();
    for (const text of [...bombs, noise]) {
      const parts = stretches(text);
      expect(parts.length).toBeLessThanOrEqual(300);
      expect(parts.map((part) => part.text).join('')).toBe(plainText(text));
    }
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('levelOf', () => {
  it('lets the first word decide', () => {
    expect(levelOf('2026-11-22 ERROR could not open')).toBe('error');
    expect(levelOf('INFO finished without error')).toBe('info');
    expect(levelOf('level=warning msg=slow')).toBe('warn');
    expect(levelOf('GET /errors/list 200 error=nil')).toBeNull();
    expect(levelOf('E1122 10:00:00 x.go:1] no')).toBe('error');
    expect(levelOf('<4>kernel')).toBe('warn');
    expect(levelOf('[D] fine')).toBe('debug');
  });

  it('leaves out what is less serious', () => {
    expect([isAtLeast('error', 'warn'), isAtLeast('warn', 'error'), isAtLeast(null, 'all')]).toEqual([true, false, true]);
  });
});

describe('wrapping', () => {
  it('counts and draws the same rows', () => {
    expect(breaksOf('x'.repeat(25), 10)).toEqual([0, 10, 20]);
    expect(breaksOf('花子花子花', 4)).toEqual([0, 2, 4]);
    expect(breaksOf('aé́b👩‍👩‍👧c', 3)).toEqual([0, 4, 7, 10]);
    for (const text of ['', 'abc', '花子'.repeat(9), '😀'.repeat(7), 'e\u0301'.repeat(30)]) {
      expect(rowsOf(text, 10)).toBe(breaksOf(text, 10).length);
    }
  });
});

describe('search', () => {
  it('marks matches across changes of look, within the part that is drawn', () => {
    const parts = stretches('\u001b[31mbad\u001b[0m ok');
    const ranges = rangesIn('bad ok', /d o/gi);
    expect(piecesOf(parts, ranges, 0, Infinity).map(({ text, marked }) => [text, marked])).toEqual([
      ['ba', false],
      ['d', true],
      [' o', true],
      ['k', false],
    ]);
    expect(piecesOf(parts, ranges, 3, 5).map(({ text, marked }) => [text, marked])).toEqual([[' o', true]]);
    expect(piecesOf(parts, [], 1, 5).map(({ text }) => text)).toEqual(['ad', ' o']);
  });

  it('takes text literally unless it is a pattern', () => {
    expect(patternOf({ text: '(', regex: true })).toBe('invalid');
    expect(patternOf({ text: '(', regex: false })).toEqual(/\(/gi);
    expect(patternOf({ text: '', regex: true })).toBeNull();
    expect(rangesIn('abc', /x*/g)).toEqual([]);
  });
});

describe('LogBuffer', () => {
  it('keeps the newest lines, bounded in lines and characters', () => {
    const buffer = new LogBuffer(100, 10_000);
    buffer.append(many(1_500));
    expect(buffer.evict().length).toBe(1_400);
    expect(buffer.entries.at(-1)?.text).toBe('line 1499');
    expect(buffer.evict()).toEqual([]);
    buffer.append([entry('x'.repeat(9_900), 2_000)]);
    expect(buffer.evict().length).toBeGreaterThan(80);
    buffer.append([entry('y'.repeat(20_000), 2_001)]);
    buffer.evict();
    expect(buffer.entries.length).toBe(1);
  });

  it('puts the lines of several containers in the order of time, each in its own order', () => {
    const buffer = new LogBuffer();
    buffer.append([entry('a1', 10, 0), entry('a2', 30, 0), entry('a0', 29, 0)]);
    const { displaced, added } = buffer.append([entry('b1', 20, 1), entry('b2', 40, 1)]);
    expect(texts(buffer.entries)).toEqual(['a1', 'b1', 'a2', 'a0', 'b2']);
    expect([texts(displaced), texts(added)]).toEqual([['a2', 'a0'], ['b1', 'a2', 'a0', 'b2']]);
    buffer.addOlder([entry('b0', 5, 1), entry('c0', 15, 2)]);
    expect(texts(buffer.entries)).toEqual(['b0', 'a1', 'c0', 'b1', 'a2', 'a0', 'b2']);
  });
});

describe('ShownLines', () => {
  it('knows which line covers a row once lines are wrapped, also after the oldest have gone', () => {
    const buffer = new LogBuffer(2, 1e9);
    const shown = new ShownLines();
    shown.rebuild([], noFilter, 10);
    const addition = buffer.append([entry('short'), entry('x'.repeat(25), 1), entry('end', 2)]);
    shown.append(addition);
    expect(shown.rowCount).toBe(5);
    expect([0, 1, 3, 4].map((row) => shown.indexAt(row))).toEqual([0, 1, 1, 2]);
    const [oldest] = buffer.entries;
    if (oldest) oldest.gone = true;
    shown.dropGone();
    expect([shown.rowCount, shown.startOf(1), shown.indexAt(0)]).toEqual([4, 3, 0]);
    shown.rebuild(shown.lines, noFilter, Infinity);
    expect(shown.rowCount).toBe(2);
  });

  it('takes lines back that are sorted in again, filtered or not', () => {
    for (const columns of [Infinity, 10]) {
      const buffer = new LogBuffer();
      const shown = new ShownLines();
      shown.rebuild([], { ...noFilter, stream: 'stdout' }, columns);
      shown.append(buffer.append([entry('a1', 10), entry('secret', 20, 0, 'stderr'), entry('a2', 30)]));
      shown.append(buffer.append([entry('b1', 15, 1), entry('b2', 35, 1)]));
      expect(texts(shown.lines)).toEqual(['a1', 'b1', 'a2', 'b2']);
      expect(shown.rowCount).toBe(4);
      expect(shown.startOf(2)).toBe(2);
    }
  });

  it('finds the nearest line where one is not shown', () => {
    const all = many(1_000);
    const shown = new ShownLines();
    shown.rebuild(all.filter((_, index) => index % 2 === 0));
    expect(shown.lines[shown.indexNear(all[501] as Entry)]?.text).toBe('line 502');
    expect(shown.lines[shown.indexNear(all[500] as Entry)]?.text).toBe('line 500');
  });
});

describe('times', () => {
  it('reads and writes microseconds', () => {
    const clock = new Clock();
    const iso = '2026-11-22T16:51:07.123456Z';
    expect(isoOf(clock.read(iso))).toBe(iso);
    expect(isoOf(clock.read(iso) + 0.001)).toBe('2026-11-22T16:51:07.123457Z');
    expect(isoOf(clock.read('2026-11-22T16:51:07Z'))).toBe('2026-11-22T16:51:07.000000Z');
    expect(isoOf(clock.read('2026-11-22T16:51:07.999999Z') + 0.001)).toBe('2026-11-22T16:51:08.000000Z');
    expect(timeOf(clock.read(iso), 'utc', false)).toBe('11-22 16:51:07.123');
    expect(timeOf(clock.read(iso), 'utc', true)).toBe('16:51:07');
  });
});

it('copies lines as they would stand in a file', () => {
  const shown = new ShownLines();
  const entries = [entry('\u001b[31mone', 0), entry('two', 1), entry('three', 2)];
  shown.rebuild(entries);
  const choice = choose(shown, entries[2] as Entry, entries[1] as Entry);
  expect(chosenText(shown, choice, { times: false, names: null })).toBe('two\nthree');
  expect(textOf(entries[0] as Entry, { times: true, names: ['web'] })).toBe('1970-01-01T00:00:00.000000Z web one');
  expect(plainOf(entries[0] as Entry)).toBe('one');
});

it('carries the containers of a merged log in the address', () => {
  const address = mergedAddress(['web', 'db.1']);
  const of = new URL(address, 'http://x').searchParams.get('of');
  expect(mergedNames(of)).toEqual(['web', 'db.1']);
  expect(mergedNames(123)).toEqual(['123']);
  expect(mergedNames(undefined)).toEqual([]);
});
