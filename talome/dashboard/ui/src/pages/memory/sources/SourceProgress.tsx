import { StateBadge } from '@/components/StateBadge';
import { t } from '@/i18n';
import classes from '../Memory.module.css';
import { isBusy, type Source, stateOf } from './names';

/** How far a source is read, and why it failed. */
export function SourceProgress({ source }: { source: Source }) {
  const { done, total, stage, problem, problems } = source;
  return (
    <>
      <StateBadge state={stateOf(source)} />
      {isBusy(source) && total !== null && total > 0 && (
        <progress className={classes.progress} max={total} value={done ?? 0} aria-label={t('material.progress', { done: done ?? 0, total })} />
      )}
      {isBusy(source) && stage !== null && <span className={classes.below}>{stage}</span>}
      {problem !== null && <span className={classes.below}>{problem}</span>}
      {problems.length > 0 && <span className={classes.below}>{t('material.leftOut', { count: problems.length })}</span>}
    </>
  );
}
