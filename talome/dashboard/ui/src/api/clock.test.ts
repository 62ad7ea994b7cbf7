import { afterEach, expect, it } from 'vitest';
import { relativeTime } from '@/i18n/format';
import { compareClocks, serverNow } from './clock';

const DAY_MS = 86_400_000;
const dateHeader = (at: number) => new Date(at).toUTCString();

afterEach(() => compareClocks(dateHeader(Date.now())));

it('tells ages by the server when this device is a day off', () => {
  const server = Date.now() - DAY_MS;
  compareClocks(dateHeader(server));
  expect(Math.abs(serverNow() - server)).toBeLessThan(2_000);
  expect(relativeTime(new Date(server - 180_000).toISOString())).toBe('3 minutes ago');
});

it('leaves a clock alone that is right, and an answer without a date', () => {
  compareClocks(dateHeader(Date.now() - 2_000));
  compareClocks(null);
  compareClocks('no date');
  expect(Math.abs(serverNow() - Date.now())).toBeLessThan(50);
});
