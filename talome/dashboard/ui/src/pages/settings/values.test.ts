import { describe, expect, it } from 'vitest';
import type { SettingSchema, SettingState } from '@/api/types';
import { grouped, inputOf, isIdle, problemOf, valueOf, worded } from './values';

const schema = (change: Partial<SettingSchema>): SettingSchema => ({
  key: 'system.limit',
  title: 'Warn from',
  help: '',
  kind: 'number',
  default: 90,
  choices: null,
  minimum: 50,
  maximum: 99,
  unit: '%',
  feature: 'system',
  ...change,
});
const state = (change: Partial<SettingState>) => ({ key: 'k', value: 90, chosen: false, revision: '', ...change }) as SettingState;

describe('a number', () => {
  const number = schema({});
  it('is checked against its bounds', () => {
    expect(problemOf(number, '90')).toBeNull();
    expect(problemOf(number, ' 90,5 ')).toBeNull();
    expect(problemOf(number, '100')).toBe('Enter a number from 50 to 99 %.');
    for (const wrong of ['', 'abc', '9 0', 'Infinity', '1e400']) expect(problemOf(number, wrong)).toBe('Enter a number.');
  });
  it('survives the way there and back', () => {
    expect(valueOf(number, '90,5')).toBe(90.5);
    expect(inputOf(number, 90.5)).toBe('90.5');
    expect(worded(number, 80)).toBe('80 %');
    expect(worded(number, null)).toBe('90 % (default)');
  });
});

it('a secret is worded without its value', () => {
  const secret = schema({ kind: 'secret', default: null, unit: null, minimum: 0, maximum: 2000 });
  expect(worded(secret, '(configured)')).toBe('Set');
  expect(worded(secret, null)).toBe('Not set');
  expect(problemOf(secret, '')).not.toBeNull();
});

it('a draft that changes nothing is none', () => {
  expect(isIdle(schema({}), { input: '90', revision: '' }, state({}))).toBe(true);
  expect(isIdle(schema({}), { input: '80', revision: '' }, state({}))).toBe(false);
  expect(isIdle(schema({}), { input: null, revision: '' }, state({}))).toBe(true);
  expect(isIdle(schema({}), { input: null, revision: '' }, state({ chosen: true }))).toBe(false);
});

it('finds settings by every typed word, also by the name of their group', () => {
  const all = [schema({}), schema({ key: 'terminal.idle', title: 'Close after', feature: 'terminal' })];
  expect(grouped(all, '').map(({ name }) => name)).toEqual(['This machine', 'Terminal']);
  expect(grouped(all, 'machine warn')[0]?.settings.map(({ key }) => key)).toEqual(['system.limit']);
  expect(grouped(all, 'nothing like it')).toEqual([]);
  expect(grouped([schema({ feature: 'media_library' })], '')[0]?.name).toBe('Media library');
});
