import { t } from '@/i18n';
import type { Forecast } from './useStorage';

/** A forecast in words: when a file system will be full, or why that cannot be said. */
export function forecastWords({ daysLeft, bytesPerDay, reason }: Forecast): string {
  if (daysLeft !== null) return t('storage.fullIn', { time: span(daysLeft) });
  if (reason !== null) return reason;
  return t(bytesPerDay !== null && bytesPerDay < 0 ? 'storage.shrinks' : 'storage.steady');
}

/** Nobody needs the day of something a year away. */
function span(days: number): string {
  if (days < 1) return t('storage.lessThanDay');
  if (days < 21) return t('storage.days', { count: Math.round(days) });
  if (days < 120) return t('storage.weeks', { count: Math.round(days / 7) });
  if (days < 730) return t('storage.months', { count: Math.round(days / 30.4) });
  return t('storage.years');
}

/** Soon enough to do something about it now. */
export const isSoon = ({ daysLeft }: Forecast): boolean => daysLeft !== null && daysLeft < 60;
