import { describe, expect, it } from 'vitest';
import { en } from './en';
import { bytes, bytesPerSecond, duration, percent, relativeTime } from './format';
import { t } from './index';

describe('t', () => {
  it('fills in values and chooses the plural', () => {
    expect(t('containers.count', { count: 1 })).toBe('1 container');
    expect(t('containers.count', { count: 1_200 })).toBe('1,200 containers');
    expect(t('gate.version', { version: '1.2.0' })).toBe('Talome 1.2.0');
  });

  it('has no exclamation marks and no empty texts', () => {
    const texts = Object.values(en).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry)));
    expect(texts.filter((text) => text.trim() === '' || text.includes('!'))).toEqual([]);
  });
});

describe('format', () => {
  it('gives sizes three digits at most', () => {
    expect(bytes(0)).toBe('0 B');
    expect(bytes(1_536)).toBe('1.5 kB');
    expect(bytes(1_023.9 * 1_048_576)).toBe('1 GB');
    expect(bytesPerSecond(123_456_789)).toBe('118 MB/s');
  });

  it('shows one digit of small shares', () => {
    expect(percent(7.26)).toBe('7.3 %');
    expect(percent(64.4)).toBe('64 %');
  });

  it('says times as people do', () => {
    const now = Date.UTC(2026, 10, 22, 12);
    expect(relativeTime('2026-11-22T11:57:00Z', now)).toBe('3 minutes ago');
    expect(relativeTime('2026-11-21T11:00:00Z', now)).toBe('yesterday');
    expect(relativeTime('2026-12-22T12:00:00Z', now)).toBe('next month');
    expect(duration(1_234_567)).toBe('14 days 6 hours');
    expect(duration(0)).toBe('0 seconds');
  });
});
