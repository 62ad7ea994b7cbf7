import { Button } from '@mantine/core';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import { t } from '@/i18n';
import { CopyButton } from './CopyButton';
import classes from './Notice.module.css';
import { errorDetails, explain } from './explain';

interface Props {
  error: unknown;
  /** What could not be done, in the words of the page. */
  what?: string;
  onRetry?: () => void;
}

/** A failure in place of what should be here: what happened, why, what to do. */
export function ErrorNotice({ error, what, onRetry }: Props) {
  const explained = explain(error);
  const title = what ?? explained.what;
  return (
    <section className={classes.notice} role="alert">
      <IconAlertTriangle className={classes.dangerIcon} size={28} stroke={1.5} aria-hidden />
      <h2 className={classes.title}>{title}</h2>
      {explained.why !== null && <p className={classes.text}>{explained.why}</p>}
      <p className={classes.text}>{explained.advice}</p>
      <div className={classes.actions}>
        {onRetry && (
          <Button leftSection={<IconRefresh size={16} />} onClick={onRetry}>
            {t('action.retry')}
          </Button>
        )}
        <CopyButton size="sm" text={errorDetails(title, error)} label={t('action.copyDetails')} />
      </div>
    </section>
  );
}
