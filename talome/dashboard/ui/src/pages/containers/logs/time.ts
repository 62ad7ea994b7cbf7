import { relativeTime } from '@/i18n/format';

export type Times = 'off' | 'local' | 'utc' | 'relative';

/** Reads the server's times to the microsecond. Many lines share a second, so its expensive part is remembered. */
export class Clock {
  private second = '';
  private base = 0;

  /** Milliseconds since 1970, with a fraction. */
  read(iso: string): number {
    const second = iso.slice(0, 19);
    if (second !== this.second) {
      this.second = second;
      this.base = Date.parse(`${second}Z`);
    }
    return iso.charCodeAt(19) === 46 ? this.base + Number(iso.slice(19, -1)) * 1000 : this.base;
  }
}

/** The moment as the server writes it, to the microsecond. */
export function isoOf(at: number): string {
  const micros = Math.round(at * 1000);
  const second = Math.floor(micros / 1e6);
  return `${new Date(second * 1000).toISOString().slice(0, 19)}.${String(micros - second * 1e6).padStart(6, '0')}Z`;
}

const two = (value: number) => String(value).padStart(2, '0');

/** The time in front of a line. It is for comparing with other logs, so it looks as they do in every language. */
export function timeOf(at: number, times: Times, short: boolean): string {
  if (times === 'relative') return relativeTime(new Date(at).toISOString());
  const moment = new Date(times === 'utc' ? at : at - new Date(at).getTimezoneOffset() * 60_000);
  const clock = `${two(moment.getUTCHours())}:${two(moment.getUTCMinutes())}:${two(moment.getUTCSeconds())}`;
  if (short) return clock;
  const day = `${two(moment.getUTCMonth() + 1)}-${two(moment.getUTCDate())}`;
  return `${day} ${clock}.${String(moment.getUTCMilliseconds()).padStart(3, '0')}`;
}

/** Columns that it takes, with the gap after it. */
export const timeColumns = (times: Times, short: boolean): number =>
  times === 'off' ? 0 : times === 'relative' ? 16 : short ? 9 : 19;
