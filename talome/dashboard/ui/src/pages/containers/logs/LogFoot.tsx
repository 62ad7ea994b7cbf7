import { Button } from '@mantine/core';
import type { Container } from '@/api/types';
import { isRunning } from '@/domain/containers';
import { t } from '@/i18n';
import type { Choice } from './choice';
import classes from './Logs.module.css';
import type { LogModel } from './model';

interface Props {
  model: LogModel;
  containers: Container[];
  choice: Choice | null;
  onCopy: () => void;
  onClear: () => void;
}

/** How much is there, what is missing and why, and what can be done with the lines that were picked. */
export function LogFoot({ model, containers, choice, onCopy, onClear }: Props) {
  const total = model.buffer.entries.length;
  const shown = model.shown.lines.length;
  const { reading, dropped, feeds } = model;
  const failed = feeds.find(({ failure }) => failure !== null)?.failure;
  return (
    <div className={classes.foot}>
      <span className="num">{shown === total ? t('logs.lines', { count: total }) : t('logs.linesShown', { shown, count: total })}</span>
      {reading !== null && <span className="num">{t('logs.reading', { count: reading })}</span>}
      <span aria-live="polite">
        {model.ended && !containers.some(isRunning) && t(containers.length > 1 ? 'logs.endedAll' : 'logs.ended')}
        {failed && ` ${failed.error}`}
        {dropped > 0 && ` ${t('logs.dropped', { count: dropped })}`}
      </span>
      {choice !== null && (
        <span className={classes.picked} role="toolbar" aria-label={t('logs.picked', { count: choice.last - choice.first + 1 })}>
          <span className="num">{t('logs.picked', { count: choice.last - choice.first + 1 })}</span>
          <Button size="compact-sm" variant="default" onClick={onCopy}>
            {t('action.copy')}
          </Button>
          <Button size="compact-sm" variant="subtle" color="gray" onClick={onClear}>
            {t('action.clear')}
          </Button>
        </span>
      )}
    </div>
  );
}
