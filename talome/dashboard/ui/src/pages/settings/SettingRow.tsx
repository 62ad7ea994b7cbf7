import { Button } from '@mantine/core';
import { IconHistory, IconLink, IconRotate2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { SettingSchema, SettingState } from '@/api/types';
import { Time } from '@/components/Time';
import { t } from '@/i18n';
import { Changes } from './Changes';
import { Control } from './Control';
import classes from './Settings.module.css';
import type { Editing } from './useDrafts';
import { isOvertaken, worded, wordedDraft } from './values';

interface Props {
  schema: SettingSchema;
  state: SettingState;
  /** Null for somebody who may only look. */
  editing: Editing | null;
  wanted: boolean;
}

/** One setting: what it is about, its control, who changed it last, and the way back. */
export function SettingRow({ schema, state, editing, wanted }: Props) {
  const { key } = schema;
  const [history, setHistory] = useState(false);
  const draft = editing?.drafts[key];
  const resettable = editing !== null && schema.kind !== 'secret' && state.chosen && draft?.input !== null;
  return (
    <li id={key} className={classes.row} data-wanted={wanted || undefined} data-edited={draft !== undefined || undefined} tabIndex={-1}>
      {editing === null ? (
        <div className={classes.field}>
          <span className={classes.label}>{schema.title}</span>
          <span className={classes.help}>{schema.help}</span>
          <strong className={`${classes.input} ${classes.plain}`}>{worded(schema, state.value)}</strong>
        </div>
      ) : (
        <Control
          schema={schema}
          state={state}
          draft={draft}
          problem={editing.problem(key)}
          onChange={(input) => editing.edit(key, input)}
          onBlur={() => editing.look(key)}
          onDrop={() => editing.drop([key])}
        />
      )}
      {editing !== null && draft !== undefined && isOvertaken(draft, state) && (
        <div className={classes.conflict} role="alert">
          <p>
            {t('settings.overtaken', { name: state.changedBy ?? '?', theirs: worded(schema, state.value), mine: wordedDraft(schema, draft) })}
          </p>
          <Button size="xs" onClick={() => editing.keepMine(key)}>
            {t('settings.keepMine')}
          </Button>
          <Button size="xs" variant="default" onClick={() => editing.drop([key])}>
            {t('settings.takeTheirs')}
          </Button>
        </div>
      )}
      <Link to="/settings" hash={key} className={classes.anchor} aria-label={t('settings.linkTo', { title: schema.title })}>
        <IconLink size={14} aria-hidden />
      </Link>
      {(state.chosen || state.changedAt !== null) && (
        <Meta schema={schema} state={state} onReset={resettable ? () => editing.edit(key, null) : null} history={history} onHistory={setHistory} />
      )}
      {history && <Changes schema={schema} state={state} mayChange={editing !== null} />}
    </li>
  );
}

interface MetaProps {
  schema: SettingSchema;
  state: SettingState;
  onReset: (() => void) | null;
  history: boolean;
  onHistory: (shown: boolean) => void;
}

/** Whether it is changed, by whom, and the ways back. */
function Meta({ schema, state, onReset, history, onHistory }: MetaProps) {
  return (
    <div className={classes.meta}>
      {state.chosen && schema.kind !== 'secret' && (
        <span className={classes.changed}>{t('settings.changedFrom', { value: worded(schema, schema.default) })}</span>
      )}
      {state.changedAt !== null && (
        <span>
          {t('settings.changedBy', { name: state.changedBy ?? '?' })} <Time iso={state.changedAt} />
        </span>
      )}
      <span className={classes.tools}>
        {onReset !== null && (
          <Button size="compact-xs" variant="subtle" leftSection={<IconRotate2 size={14} />} onClick={onReset}>
            {t('settings.reset')}
          </Button>
        )}
        {state.changedAt !== null && (
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<IconHistory size={14} />}
            aria-expanded={history}
            onClick={() => onHistory(!history)}
          >
            {t('settings.history')}
          </Button>
        )}
      </span>
    </div>
  );
}
