import { IconFileText } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { ApiError } from '@/api/errors';
import type { Container } from '@/api/types';
import { downloadText } from '@/components/clipboard';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { useStored } from '@/components/useStored';
import { isRunning, titleOf } from '@/domain/containers';
import { t } from '@/i18n';
import { live } from '@/live';
import { LogModel } from './model';
import { LogToolbar } from './LogToolbar';
import { LogView, type LogViewHandle } from './LogView';
import classes from './Logs.module.css';
import { initialSettings, type LogSettings } from './settings';

/** How long a container without output may take before "nothing yet" is said. */
const QUIET_MS = 700;

/** The log of a container: followed, searched, and kept still while it is read. */
export function LogTab({ container }: { container: Container }) {
  const [settings, change] = useStored<LogSettings>('logs', initialSettings);
  const [attempt, setAttempt] = useState(0);
  const { tail, sinceMinutes } = settings;
  const model = useMemo(
    () => new LogModel(live, container.id, { tail, sinceMinutes }),
    // A new try begins with a new log.
    [container.id, tail, sinceMinutes, attempt],
  );
  useSyncExternalStore(model.listen, model.getVersion);
  // A container that starts again goes on writing: the log follows it.
  const running = isRunning(container);
  useEffect(() => model.follow(), [model, running]);
  const view = useRef<LogViewHandle>(null);
  const quiet = useQuiet(model);

  const name = titleOf(container);
  const empty = model.buffer.entries.length === 0;
  if (model.failure !== null && empty) {
    const { error, status, code } = model.failure;
    return (
      <ErrorNotice
        what={t('logs.failed')}
        error={new ApiError(error, status, code)}
        onRetry={() => setAttempt(attempt + 1)}
      />
    );
  }
  return (
    <div className={classes.tab}>
      <LogToolbar
        model={model}
        settings={settings}
        onChange={change}
        onShow={(seq) => view.current?.show(seq)}
        onDownload={() => downloadText(`${container.name}.log`, model.toText(settings.timestamps))}
      />
      <div className={classes.panel}>
        {empty && (model.loaded || quiet) ? (
          <div className={classes.nothing}>
            <EmptyState
              icon={<IconFileText size={26} stroke={1.75} />}
              title={t('logs.empty')}
              text={sinceMinutes > 0 ? t('logs.emptySince') : t('logs.emptyText', { name })}
            />
          </div>
        ) : (
          <LogView ref={view} model={model} settings={settings} label={t('logs.title', { name })} />
        )}
      </div>
      <p className={classes.foot} aria-live="polite">
        {model.ended && !running && <span>{t('logs.ended')}</span>}
        {model.dropped > 0 && <span>{t('logs.dropped', { count: model.dropped })}</span>}
      </p>
    </div>
  );
}

function useQuiet(model: LogModel): boolean {
  const [quietModel, setQuietModel] = useState<LogModel | null>(null);
  useEffect(() => {
    const timer = window.setTimeout(() => setQuietModel(model), QUIET_MS);
    return () => window.clearTimeout(timer);
  }, [model]);
  return quietModel === model;
}
