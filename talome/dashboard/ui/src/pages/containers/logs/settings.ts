import { type PlainKey, t } from '@/i18n';

export interface LogSettings {
  tail: number;
  sinceMinutes: number;
  timestamps: boolean;
  wrap: boolean;
}

export const initialSettings: LogSettings = { tail: 1_000, sinceMinutes: 0, timestamps: false, wrap: false };

export const TAILS = [200, 1_000, 5_000, 10_000];

export const SINCE: [minutes: number, key: PlainKey][] = [
  [0, 'logs.sinceAll'],
  [15, 'logs.since15m'],
  [60, 'logs.since1h'],
  [1_440, 'logs.since24h'],
];

export const tailLabel = (count: number): string => t('logs.tailLines', { count });
