import type { State } from '@/domain/containers';
import classes from './StateBadge.module.css';

/** A state as a dot and a word; the dot's shape differs too, so that colour is never alone. */
export function StateBadge({ state: { tone, label } }: { state: State }) {
  return (
    <span className={classes.badge} data-tone={tone}>
      <span className={classes.dot} aria-hidden />
      {label}
    </span>
  );
}
