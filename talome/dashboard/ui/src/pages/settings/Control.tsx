import { Button, NativeSelect, PasswordInput, Switch, TextInput } from '@mantine/core';
import type { SettingSchema, SettingState } from '@/api/types';
import { t } from '@/i18n';
import classes from './Settings.module.css';
import { type Draft, type Input, inputOf } from './values';

interface Props {
  schema: SettingSchema;
  state: SettingState;
  draft: Draft | undefined;
  problem: string | null;
  onChange: (input: Input) => void;
  onBlur: () => void;
  onDrop: () => void;
}

const FIELD = { root: classes.field, label: classes.label, description: classes.help, wrapper: classes.input, error: classes.error };

/** The control of one setting, by its kind. */
export function Control(props: Props) {
  const { schema, state, draft, problem, onChange, onBlur } = props;
  // A draft of null goes back to the default, so that is what it shows.
  const input = draft === undefined ? inputOf(schema, state.value) : (draft.input ?? inputOf(schema, schema.default));
  const shared = {
    label: schema.title,
    description: schema.help || undefined,
    inputWrapperOrder: ['label', 'description', 'input', 'error'] as ('label' | 'description' | 'input' | 'error')[],
    classNames: FIELD,
    size: 'md',
    error: problem,
    onBlur,
  };
  if (schema.kind === 'boolean') {
    return (
      <Switch
        className={classes.switch}
        labelPosition="left"
        label={schema.title}
        description={schema.help || undefined}
        checked={input === true}
        error={problem}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  if (schema.kind === 'secret') return <Secret {...props} shared={shared} />;
  if (schema.kind === 'choice') {
    return (
      <NativeSelect
        {...shared}
        value={String(input)}
        data={(schema.choices ?? []).map((choice) => ({ value: choice, label: choice }))}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  const number = schema.kind === 'number';
  return (
    <TextInput
      {...shared}
      value={String(input)}
      inputMode={number ? 'decimal' : undefined}
      autoComplete="off"
      spellCheck={false}
      dir={number ? undefined : 'auto'}
      rightSection={schema.unit === null ? undefined : <span className={classes.unit}>{schema.unit}</span>}
      rightSectionWidth={schema.unit === null ? undefined : `${schema.unit.length + 3}ch`}
      rightSectionPointerEvents="none"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** A secret is never shown; it is replaced or removed. */
function Secret({ schema, state, draft, onChange, onDrop, shared }: Props & { shared: object }) {
  const configured = state.value !== null;
  if (configured && (draft === undefined || draft.input === null)) {
    return (
      <div className={classes.field} role="group" aria-label={schema.title}>
        <span className={classes.label}>{schema.title}</span>
        {schema.help !== '' && <span className={classes.help}>{schema.help}</span>}
        <div className={`${classes.input} ${classes.secret}`}>
          <span className="dim">{t(draft === undefined ? 'settings.set' : 'settings.willGo')}</span>
          <Button size="xs" variant="default" onClick={() => onChange('')}>
            {t('settings.replace')}
          </Button>
          {draft === undefined && (
            <Button size="xs" variant="default" onClick={() => onChange(null)}>
              {t('settings.remove')}
            </Button>
          )}
        </div>
      </div>
    );
  }
  return (
    <>
      <PasswordInput
        {...shared}
        autoComplete="new-password"
        value={typeof draft?.input === 'string' ? draft.input : ''}
        placeholder={t(configured ? 'settings.newSecret' : 'settings.notSet')}
        visibilityToggleButtonProps={{ 'aria-label': t('action.show'), tabIndex: 0 }}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {configured && (
        <Button className={classes.keep} size="compact-sm" variant="subtle" onClick={onDrop}>
          {t('settings.keepSecret')}
        </Button>
      )}
    </>
  );
}
