import { IconClock } from '@tabler/icons-react';
import { t } from '@/i18n';
import { clockTime } from '@/i18n/format';
import { useConnection } from '@/live';
import classes from './AsOf.module.css';

/** Marks figures that no longer move with the time they are from. */
export function AsOf({ at }: { at: number | null }) {
  const connection = useConnection();
  if (connection === 'open' || connection === 'connecting' || at === null) return null;
  return (
    <span className={classes.old}>
      <IconClock size={16} stroke={1.75} aria-hidden />
      {t('live.asOf', { time: clockTime(at) })}
    </span>
  );
}
