import { serverNow } from '@/api/clock';
import { locale } from './index';
import { lazily } from './lazily';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;
const cache = new Map<string, Intl.NumberFormat>();

function formatter(key: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  let known = cache.get(key);
  if (!known) cache.set(key, (known = new Intl.NumberFormat(locale, options)));
  return known;
}

export interface Quantity {
  value: string;
  unit: string;
}

/** A size split into number and unit, in powers of 1024 up to three digits: 1536 -> "1.5" "kB". */
export function byteParts(bytes: number, perSecond = false): Quantity {
  let power = 0;
  let size = Math.max(0, bytes);
  while (size >= 999.5 && power < UNITS.length - 1) {
    size /= 1024;
    power += 1;
  }
  const digits = power === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  const name = UNITS[power] ?? 'byte';
  const format = formatter(`${name}${digits}`, {
    style: 'unit',
    unit: name,
    unitDisplay: power === 0 ? 'narrow' : 'short',
    maximumFractionDigits: digits,
  });
  const parts = format.formatToParts(size);
  const unit = parts.find((part) => part.type === 'unit')?.value ?? '';
  const value = parts.filter((part) => part.type !== 'unit' && part.type !== 'literal').map((part) => part.value);
  return { value: value.join(''), unit: perSecond ? `${unit}/s` : unit };
}

const joined = ({ value, unit }: Quantity) => `${value} ${unit}`;

export const bytes = (count: number): string => joined(byteParts(count));
export const bytesPerSecond = (rate: number): string => joined(byteParts(rate, true));

/** "7.3 %", "64 %": one digit after the point while it is small. */
export function percent(value: number): string {
  return `${percentValue(value)} %`;
}

export function percentValue(value: number): string {
  const digits = value < 9.95 ? 1 : 0;
  return formatter(`number${digits}`, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

export const whole = (value: number): string => formatter('whole', { maximumFractionDigits: 0 }).format(value);

/** "0.42", "1.5": at most two digits after the point. */
export const decimal = (value: number): string => formatter('decimal', { maximumFractionDigits: 2 }).format(value);

const relative = lazily(() => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));
const STEPS = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 30],
  ['month', 12],
] as const;

/** "3 minutes ago", "yesterday", "in 2 months". */
export function relativeTime(iso: string, now: number = serverNow()): string {
  let amount = (Date.parse(iso) - now) / 1000;
  if (Math.abs(amount) < 5) return relative().format(0, 'second');
  for (const [unit, size] of STEPS) {
    if (Math.abs(amount) < size) return relative().format(Math.round(amount), unit);
    amount /= size;
  }
  return relative().format(Math.round(amount), 'year');
}

const moment = lazily(() => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }));
const clock = lazily(() => new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hour12: false }));
const preciseClock = lazily(
  () =>
    new Intl.DateTimeFormat(locale, {
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hour12: false,
    }),
);

const days = lazily(() => new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' }));

/** "Tuesday, 3 March". */
export const dayName = (at: number): string => days().format(at);
export const exactTime = (iso: string): string => moment().format(new Date(iso));
export const clockTime = (at: number): string => clock().format(at);
export const clockTimeSeconds = (at: number): string => preciseClock().format(at);

const day = lazily(() => new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric' }));
const dayAndClock = lazily(
  () =>
    new Intl.DateTimeFormat(locale, {
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hour12: false,
    }),
);

/** A moment on the axis of a chart that shows so many seconds: the clock, the day at midnight, or only days. */
export function axisTime(at: number, spanS: number): string {
  const moment = new Date(at);
  const midnight = moment.getHours() === 0 && moment.getMinutes() === 0;
  if (spanS > 4 * 86_400 || midnight) return day().format(at);
  return spanS < 600 ? preciseClock().format(at) : clock().format(at);
}

export const dayTime = (at: number): string => dayAndClock().format(at);

const SPANS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** "3 days 4 hours": the two largest parts of a length of time. */
export function duration(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds));
  const words: string[] = [];
  for (const [unit, size] of SPANS) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count > 0) words.push(formatter(`long${unit}`, { style: 'unit', unit, unitDisplay: 'long' }).format(count));
    if (words.length === 2 || (words.length === 1 && count === 0)) break;
  }
  return words.join(' ') || formatter('longsecond', { style: 'unit', unit: 'second', unitDisplay: 'long' }).format(0);
}

const list = lazily(() => new Intl.ListFormat(locale, { type: 'conjunction' }));
export const listed = (items: string[]): string => list().format(items);

/** An hour of the day, such as 03:00. */
export const hourOfDay = (hour: number): string => clock().format(new Date(2000, 0, 1, hour));
