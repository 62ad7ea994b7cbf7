import type { SystemStats } from '@/api/types';
import { t } from '@/i18n';
import { whole } from '@/i18n/format';
import { Card, Meter } from '../Card';
import classes from '../System.module.css';

/** What a sensor without a limit of its own is measured against. */
const USUAL_LIMIT = 100;
const HOT_PERCENT = 95;

export function Temperatures({ stats: { temperatures } }: { stats: SystemStats }) {
  return (
    <Card title={t('system.temperatures')}>
      {temperatures.length === 0 ? (
        <p className={classes.note}>{t('system.noTemperatures')}</p>
      ) : (
        <ul className={classes.plain}>
          {temperatures.map(({ name, celsius, highCelsius }, index) => (
            // Two sensors may have one name.
            <li key={index} className={classes.item}>
              <div className={classes.line}>
                <span className={classes.itemName}>{name}</span>
                <strong className="num">{t('system.celsius', { value: whole(celsius) })}</strong>
              </div>
              <Meter
                percent={(100 * celsius) / (highCelsius ?? USUAL_LIMIT)}
                full={highCelsius === null ? null : HOT_PERCENT}
              />
              {highCelsius !== null && (
                <p className={classes.note}>{t('system.hotFrom', { value: whole(highCelsius) })}</p>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
