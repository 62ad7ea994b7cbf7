import { Button, Skeleton } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import type { SettingChange, SettingSchema, SettingState } from '@/api/types';
import { ErrorNotice } from '@/components/ErrorNotice';
import { Time } from '@/components/Time';
import { toast, toastError } from '@/components/toasts';
import { t } from '@/i18n';
import classes from './Settings.module.css';
import { useChange } from './useDrafts';
import { worded } from './values';

const MOST = 20;

interface Props {
  schema: SettingSchema;
  state: SettingState;
  mayChange: boolean;
}

/** Who changed a setting, when, from what to what; each change can be undone. */
export function Changes({ schema, state, mayChange }: Props) {
  const { key } = schema;
  const history = useQuery({
    queryKey: ['settings', 'history', key],
    queryFn: () => unwrap(api.GET('/api/settings/history', { params: { query: { key, limit: MOST } } })),
  });
  if (history.error !== null) return <ErrorNotice error={history.error} onRetry={() => void history.refetch()} />;
  if (history.data === undefined) return <Skeleton height={40} mt={8} />;
  const undoable = mayChange && schema.kind !== 'secret';
  return (
    <ol className={classes.changes} aria-label={t('settings.historyOf', { title: schema.title })}>
      {history.data.map((change) => (
        <ChangeRow key={change.id} change={change} schema={schema} state={state} undoable={undoable} />
      ))}
    </ol>
  );
}

function ChangeRow({ change, schema, state, undoable }: { change: SettingChange; schema: SettingSchema; state: SettingState; undoable: boolean }) {
  const send = useChange();
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  /** Sets what was there before this change. Where it is not the last one, both values are shown first. */
  const undo = async (revision: string) => {
    setBusy(true);
    try {
      await send({ [schema.key]: change.old }, { [schema.key]: revision });
      setAsked(false);
      toast({ tone: 'ok', title: t('settings.undone') });
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) setAsked(true);
      else toastError(t('settings.notUndone'), error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <li className={classes.change}>
      <span className={classes.who}>
        {change.by} · <Time iso={change.at} />
      </span>
      <span className={classes.fromTo}>
        <bdi>{worded(schema, change.old)}</bdi>
        <IconArrowRight size={14} role="img" aria-label={t('settings.becomes')} />
        <bdi>{worded(schema, change.new)}</bdi>
      </span>
      {undoable && !asked && (
        <Button size="compact-xs" variant="default" loading={busy} onClick={() => void undo(change.id)}>
          {t('action.undo')}
        </Button>
      )}
      {asked && (
        <div className={classes.conflict} role="alert">
          <p>{t('settings.since', { now: worded(schema, state.value), name: state.changedBy ?? '?', old: worded(schema, change.old) })}</p>
          <Button size="xs" loading={busy} onClick={() => void undo(state.revision)}>
            {t('settings.goBack')}
          </Button>
          <Button size="xs" variant="default" onClick={() => setAsked(false)}>
            {t('settings.leaveIt')}
          </Button>
        </div>
      )}
    </li>
  );
}
