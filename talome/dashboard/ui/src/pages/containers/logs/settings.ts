import { type PlainKey, t } from '@/i18n';
import type { LeastLevel } from './level';
import type { Times } from './time';

/** How this browser likes logs. */
export interface LogSettings {
  tail: number;
  sinceMinutes: number;
  times: Times;
  wrap: boolean;
  level: LeastLevel;
  stream: 'all' | 'stdout' | 'stderr';
}

export const initialSettings: LogSettings = {
  tail: 10_000,
  sinceMinutes: 0,
  times: 'off',
  wrap: false,
  level: 'all',
  stream: 'all',
};

const TAILS = [200, 1_000, 10_000, 50_000, 100_000];

const SINCE: [minutes: number, key: PlainKey][] = [
  [0, 'logs.sinceAll'],
  [15, 'logs.since15m'],
  [60, 'logs.since1h'],
  [360, 'logs.since6h'],
  [1_440, 'logs.since24h'],
  [10_080, 'logs.since7d'],
];

const TIMES: [times: Times, key: PlainKey][] = [
  ['off', 'logs.timesOff'],
  ['local', 'logs.timesLocal'],
  ['utc', 'logs.timesUtc'],
  ['relative', 'logs.timesRelative'],
];

const LEVELS: [level: LeastLevel, key: PlainKey][] = [
  ['all', 'logs.levelAll'],
  ['warn', 'logs.levelWarn'],
  ['error', 'logs.levelError'],
];

const STREAMS: [stream: LogSettings['stream'], key: PlainKey][] = [
  ['all', 'logs.streamAll'],
  ['stdout', 'logs.streamOut'],
  ['stderr', 'logs.streamErr'],
];

const choices = (pairs: [string | number, PlainKey][]) =>
  pairs.map(([value, key]) => ({ value: String(value), label: t(key) }));

export const tailChoices = () => TAILS.map((count) => ({ value: String(count), label: t('logs.tailLines', { count }) }));
export const sinceChoices = () => choices(SINCE);
export const timesChoices = () => choices(TIMES);
export const levelChoices = () => choices(LEVELS);
export const streamChoices = () => choices(STREAMS);

/** What is not as it was at first, so that a narrowed view is seen to be one. */
export const narrowed = ({ level, stream }: LogSettings): boolean => level !== 'all' || stream !== 'all';
