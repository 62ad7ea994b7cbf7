import { t } from '@/i18n';
import classes from './System.module.css';

const SHOWN = 3;

/** The containers that use something: the first few by name. */
export function UsedBy({ names }: { names: string[] }) {
  if (names.length === 0) return <span className="dim">{t('system.unused')}</span>;
  const first = names.slice(0, SHOWN).join(', ');
  const count = names.length - SHOWN;
  return (
    <span className={classes.names} title={names.join(', ')}>
      {count > 0 ? t('system.usedMore', { names: first, count }) : first}
    </span>
  );
}
