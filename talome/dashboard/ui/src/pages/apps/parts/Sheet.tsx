import { IconAlertTriangle, IconInfoCircle, IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import type { PermissionSheet, SheetDifference, SheetItem } from '@/domain/apps';
import { t } from '@/i18n';
import classes from './Parts.module.css';

const BEST = 8;
const ICONS = { danger: IconShieldX, warning: IconAlertTriangle, info: IconInfoCircle } as const;
const GRAVITY = { danger: 0, warning: 1, info: 2 } as const;

const toneOf = (rating: number): string => (rating >= 6 ? 'ok' : rating >= 4 ? 'warn' : 'danger');

/** From 1 to 8 as a bar, with the words for it. */
export function Rating({ rating, words }: { rating: number; words: string }) {
  return (
    <div className={classes.rating} data-tone={toneOf(rating)}>
      <div className={classes.meter} aria-hidden>
        {Array.from({ length: BEST }, (_, step) => (
          <span key={step} data-on={step < rating || undefined} />
        ))}
      </div>
      <div>
        <strong className="num">{t('sheet.rating', { rating })}</strong>
        <span className={classes.ratingWords}>{words}</span>
      </div>
    </div>
  );
}

/** What an app may do beyond its own folder and its own network, the gravest first. */
export function Sheet({ sheet }: { sheet: PermissionSheet }) {
  return (
    <div className={classes.sheet}>
      <Rating rating={sheet.rating} words={sheet.ratingWords} />
      {sheet.items.length === 0 ? (
        <p className={classes.calm}>
          <IconShieldCheck size={18} stroke={1.75} aria-hidden />
          {t('sheet.nothing')}
        </p>
      ) : (
        <Items items={sheet.items} />
      )}
    </div>
  );
}

function Items({ items }: { items: SheetItem[] }) {
  const sorted = [...items].sort((a, b) => GRAVITY[a.severity] - GRAVITY[b.severity]);
  return (
    <ul className={classes.items}>
      {sorted.map(({ id, severity, service, title, detail }) => {
        const Icon = ICONS[severity];
        return (
          <li key={id} data-severity={severity}>
            <Icon size={18} stroke={1.75} aria-hidden />
            <div>
              <strong>{title}</strong>
              <span className={classes.severity}>
                {[t(`sheet.${severity}`), service && t('sheet.of', { service })].filter(Boolean).join(' · ')}
              </span>
              <p>{detail}</p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

/** What a change adds to the sheet and takes from it. */
export function Difference({ difference, words }: { difference: SheetDifference; words: string }) {
  const { added, removed, ratingAfter } = difference;
  return (
    <div className={classes.sheet}>
      <Rating rating={ratingAfter} words={words} />
      {added.length === 0 && removed.length === 0 && (
        <p className={classes.calm}>
          <IconShieldCheck size={18} stroke={1.75} aria-hidden />
          {t('app.rightsSame')}
        </p>
      )}
      {added.length > 0 && (
        <>
          <h4 className={classes.smallTitle}>{t('app.rightsMore')}</h4>
          <Items items={added} />
        </>
      )}
      {removed.length > 0 && (
        <>
          <h4 className={classes.smallTitle}>{t('app.rightsLess')}</h4>
          <Items items={removed} />
        </>
      )}
    </div>
  );
}
