import { t } from '@/i18n';
import { byteParts, decimal, percentValue, type Quantity, relativeTime } from '@/i18n/format';

export type Format = 'plain' | 'percent' | 'bytes' | 'bytesPerSecond' | 'time';

const LONGEST = 300;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:/;

/** A value of an answer as it is shown. Whatever it is, it becomes text. */
export function written(value: unknown, format: Format, unit: string): Quantity {
  if (typeof value === 'number' && Number.isFinite(value)) {
    if (format === 'percent') return { value: percentValue(value), unit: unit || '%' };
    if (format === 'bytes' || format === 'bytesPerSecond') return byteParts(value, format === 'bytesPerSecond');
    return { value: decimal(value), unit };
  }
  if (typeof value === 'string') {
    const time = format === 'time' && MOMENT.test(value) ? Date.parse(value) : Number.NaN;
    return { value: Number.isNaN(time) ? value.slice(0, LONGEST) : relativeTime(value), unit };
  }
  if (typeof value === 'boolean') return { value: t(value ? 'home.yes' : 'home.no'), unit: '' };
  if (Array.isArray(value)) return { value: decimal(value.length), unit };
  return { value: '–', unit: '' };
}

export const writtenText = (value: unknown, format: Format, unit: string): string => {
  const parts = written(value, format, unit);
  return parts.unit === '' ? parts.value : `${parts.value} ${parts.unit}`;
};
