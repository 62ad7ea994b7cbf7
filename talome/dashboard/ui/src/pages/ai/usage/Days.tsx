import type { components } from '@/api/schema';
import { t } from '@/i18n';
import { dayName, whole } from '@/i18n/format';
import { dollars } from '../money';
import classes from './Usage.module.css';

type Day = components['schemas']['UsageDay'];

const HEIGHT = 120;

/** Days as bars: the height is money, or calls where nothing cost anything. The same in words stands behind each bar. */
export function Days({ days }: { days: Day[] }) {
  const paid = days.some(({ charged_usd }) => charged_usd > 0);
  const of = (day: Day) => (paid ? day.charged_usd : day.requests);
  const most = Math.max(...days.map(of), Number.MIN_VALUE);
  return (
    <ul className={classes.days} style={{ height: HEIGHT }} aria-label={t('ai.byDay')}>
      {days.map((day) => {
        const words = t('ai.dayIs', {
          day: dayName(Date.parse(day.date)),
          calls: whole(day.requests),
          tokens: whole(day.tokens),
          amount: dollars(day.charged_usd),
        });
        return (
          <li key={day.date} className={classes.day} title={words}>
            <span className={classes.bar} style={{ height: `${(of(day) / most) * 100}%` }} aria-hidden />
            <span className={classes.unseen}>{words}</span>
          </li>
        );
      })}
    </ul>
  );
}
