import { describe, expect, it } from 'vitest';
import { at, isNumber, isNumberList, spoken, spots } from './pointer';
import { writtenText } from './written';

const answer = { cpu: { percent: 7.5, cores: [1, 2] }, 'a/b': { '~x': 'deep' }, list: [{ name: '<b>x</b>' }] };

describe('a pointer', () => {
  it('leads into an answer', () => {
    expect(at(answer, '')).toBe(answer);
    expect(at(answer, '/cpu/percent')).toBe(7.5);
    expect(at(answer, '/cpu/cores/1')).toBe(2);
    expect(at(answer, '/a~1b/~0x')).toBe('deep');
  });
  it('leads to nothing that the answer does not have itself', () => {
    for (const path of ['/nothing', '/cpu/percent/x', '/__proto__', '/constructor/name', '/cpu/toString', '/list/length/x']) {
      expect(at(answer, path)).toBeUndefined();
    }
  });
  it('is found for what fits', () => {
    expect(spots(answer, isNumber).map(({ pointer }) => pointer)).toEqual(['/cpu/percent', '/cpu/cores/0']);
    expect(spots(answer, isNumberList).map(({ pointer }) => pointer)).toEqual(['/cpu/cores']);
    expect(spoken('/series/rxBytesPerS')).toBe('series › rx bytes per s');
  });
});

it('writes any value as text', () => {
  expect(writtenText(1_234.567, 'plain', '€')).toBe('1,234.57 €');
  expect(writtenText(7.26, 'percent', '')).toBe('7.3 %');
  expect(writtenText(1536, 'bytes', '')).toBe('1.5 kB');
  expect(writtenText('<img src=x>', 'plain', '')).toBe('<img src=x>');
  expect(writtenText('x'.repeat(5000), 'plain', '')).toHaveLength(300);
  expect(writtenText('not a time', 'time', '')).toBe('not a time');
  expect(writtenText([1, 2, 3], 'plain', '')).toBe('3');
  for (const nothing of [null, undefined, {}, Number.NaN]) expect(writtenText(nothing, 'plain', '%')).toBe('–');
});
