import { lazily } from '@/i18n/lazily';
import { locale } from '@/i18n';

const usual = lazily(() => new Intl.NumberFormat(locale, { style: 'currency', currency: 'USD' }));
const small = lazily(() => new Intl.NumberFormat(locale, { style: 'currency', currency: 'USD', maximumSignificantDigits: 2 }));

/** What a field for a number holds: "12.50" stays a text there, since its last digit would be lost. Null for nothing. */
export const amountOf = (typed: number | string): number | null =>
  typed === '' || !Number.isFinite(Number(typed)) ? null : Number(typed);

/** Dollars as people write them; less than a cent keeps two digits that say something. */
export const dollars = (amount: number): string =>
  (amount !== 0 && Math.abs(amount) < 0.01 ? small() : usual()).format(amount);
