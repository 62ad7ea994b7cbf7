import { describe, expect, it } from 'vitest';
import type { LogLine } from '@/api/types';
import { plainText, stretches } from './ansi';
import { LogBuffer, rowsOf } from './buffer';
import { levelOf } from './level';
import { markMatches, patternOf } from './search';

const at = (second: number) => new Date(Date.UTC(2026, 10, 22, 12, 0, second)).toISOString();
const line = (text: string, second = 0): LogLine => ({ at: at(second), stream: 'stdout', text });
const many = (count: number): LogLine[] => Array.from({ length: count }, (_, index) => line(`line ${index}`, index));

describe('ansi', () => {
  it('splits text where its look changes and drops the rest', () => {
    const parts = stretches('\u001b[1;31mbad\u001b[0m ok\u001b[2K');
    expect(parts.map(({ text, colour, bold }) => [text, colour, bold])).toEqual([
      ['bad', 1, true],
      [' ok', null, false],
    ]);
    expect(plainText('\u001b]0;title\u0007a\tb\u001b[K')).toBe('a    b');
  });

  it('brings other colours to the nearest of the sixteen', () => {
    expect(stretches('\u001b[38;5;196mx')[0]?.colour).toBe(9);
    expect(stretches('\u001b[38;2;0;150;0mx')[0]?.colour).toBe(2);
    expect(stretches('\u001b[38;5;196;4mx')[0]?.underline).toBe(true);
  });
});

describe('levelOf', () => {
  it('lets the first word decide', () => {
    expect(levelOf('2026-11-22 ERROR could not open')).toBe('error');
    expect(levelOf('INFO finished without error')).toBeNull();
    expect(levelOf('level=warning msg=slow')).toBe('warn');
    expect(levelOf('GET /errors/list 200 error=nil')).toBeNull();
  });
});

describe('search', () => {
  it('marks matches across changes of look', () => {
    const pattern = patternOf({ text: 'd o', regex: false });
    if (pattern === 'invalid') throw new Error('valid');
    const pieces = markMatches(stretches('\u001b[31mbad\u001b[0m ok'), pattern);
    expect(pieces.map(({ text, marked }) => [text, marked])).toEqual([
      ['ba', false],
      ['d', true],
      [' o', true],
      ['k', false],
    ]);
  });

  it('finds again after the pattern has been used', () => {
    const pattern = /a/gi;
    pattern.test('ba');
    expect(markMatches(stretches('ab'), pattern)[0]).toMatchObject({ text: 'a', marked: true });
  });

  it('takes text literally unless it is a pattern', () => {
    expect(patternOf({ text: '(', regex: true })).toBe('invalid');
    expect(patternOf({ text: '(', regex: false })).toEqual(/\(/gi);
    expect(patternOf({ text: '', regex: true })).toBeNull();
  });
});

describe('LogBuffer', () => {
  it('keeps the newest lines and their numbers', () => {
    const buffer = new LogBuffer(100);
    buffer.append(many(1_500));
    expect(buffer.entries.length).toBeLessThanOrEqual(1_100);
    expect(buffer.entries.at(-1)?.seq).toBe(1_499);
    const [first] = buffer.entries;
    expect(buffer.find(first?.seq ?? -1)).toBe(first);
    expect(buffer.firstRow).toBe(first?.top);
  });

  it('knows which line covers a row once lines are wrapped', () => {
    const buffer = new LogBuffer();
    buffer.append([line('short'), line('x'.repeat(25), 1), line('end', 2)]);
    buffer.wrapAt(10);
    expect(buffer.rowCount).toBe(5);
    expect([0, 1, 3, 4].map((row) => buffer.indexAtRow(row))).toEqual([0, 1, 1, 2]);
    buffer.wrapAt(Infinity);
    expect(buffer.rowCount).toBe(3);
  });

  it('does not repeat lines after a reconnect, but keeps equal lines otherwise', () => {
    const buffer = new LogBuffer();
    buffer.append([line('a', 1), line('same', 2), line('same', 2)]);
    expect(buffer.entries.length).toBe(3);
    buffer.expectReplay();
    const added = buffer.append([line('a', 1), line('same', 2), line('new', 2), line('newer', 3)]);
    expect(added.map(({ plain }) => plain)).toEqual(['new', 'newer']);
  });

  it('counts wide letters as two columns', () => {
    expect(rowsOf('花子花子', 4)).toBe(2);
    expect(rowsOf('', 4)).toBe(1);
  });
});
