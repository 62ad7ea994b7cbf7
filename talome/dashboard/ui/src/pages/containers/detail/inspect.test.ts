import { expect, it } from 'vitest';
import { sentenceOf } from './events';
import { findLines, keyOf, opens, toLines, withoutFolded } from './inspect';

const lines = findLines(toLines(JSON.stringify({ a: { 'b"': [1, 2], c: {} }, d: 1 }, null, 2)), '');
const texts = (found: { text: string }[]) => found.map(({ text }) => text.trim());

it('folds an object or a list and says that there is more', () => {
  expect(lines.filter(opens).map(keyOf)).toEqual(['{', 'a', 'b\\"']);
  expect(texts(withoutFolded(lines, new Set([1])))).toEqual(['{', '"a": { … },', '"d": 1', '}']);
  expect(texts(withoutFolded(lines, new Set([2])))[2]).toBe('"b\\"": [ … ],');
  expect(withoutFolded(lines, new Set())).toEqual(lines);
});

it('says events in the words of a person, and passes on what it does not know', () => {
  const event = { at: '', detail: '', exitCode: null };
  expect(sentenceOf({ ...event, action: 'die', exitCode: 137 })).toEqual({ tone: 'danger', label: 'Ended with code 137' });
  expect(sentenceOf({ ...event, action: 'die', exitCode: 0 }).tone).toBe('idle');
  expect(sentenceOf({ ...event, action: 'health_status', detail: 'unhealthy' }).label).toBe('Health: unhealthy');
  expect(sentenceOf({ ...event, action: 'checkpoint', detail: 'x' }).label).toBe('checkpoint: x');
});
