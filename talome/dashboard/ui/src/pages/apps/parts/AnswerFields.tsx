import { Button, NativeSelect, PasswordInput, Switch, TextInput } from '@mantine/core';
import { IconDice5 } from '@tabler/icons-react';
import { useState } from 'react';
import { generatePassword } from '@/components/password';
import type { FormField } from '@/domain/apps';
import { t } from '@/i18n';
import { type Answers, shownAnswer } from './answers';
import classes from './Parts.module.css';

interface Props {
  fields: FormField[];
  answers: Answers;
  /** What is wrong with a field, by its name. */
  errors: Record<string, string>;
  /** Secret answers are kept but not told: an empty field then means the one there is. */
  keepsSecrets?: boolean;
  onAnswer: (name: string, answer: string) => void;
  onLeave?: (name: string) => void;
}

/** The questions of an app's store, the usual ones first. */
export function AnswerFields(props: Props) {
  const { fields, errors } = props;
  const usual = fields.filter(({ advanced }) => !advanced);
  const advanced = fields.filter(({ advanced }) => advanced);
  const [unfolded, setUnfolded] = useState(false);
  const wrong = advanced.some(({ name }) => errors[name] !== undefined);
  return (
    <div className={classes.fields}>
      {usual.map((field) => (
        <AnswerField key={field.name} field={field} {...props} />
      ))}
      {advanced.length > 0 && (
        <details
          className={classes.fold}
          open={unfolded || wrong || usual.length === 0}
          onToggle={(event) => setUnfolded(event.currentTarget.open)}
        >
          <summary>{t('fields.advanced')}</summary>
          <div className={classes.fields}>
            {advanced.map((field) => (
              <AnswerField key={field.name} field={field} {...props} />
            ))}
          </div>
        </details>
      )}
    </div>
  );
}

const TYPES = { text: 'text', number: 'number', email: 'email', url: 'url', ip: 'text', domain: 'text', folder: 'text' } as const;

function AnswerField({ field, answers, errors, keepsSecrets, onAnswer, onLeave }: Props & { field: FormField }) {
  const { name, label, kind = 'text', required } = field;
  const secret = kind === 'password' && keepsSecrets;
  const value = shownAnswer(field, answers);
  const help = [field.help, field.patternHelp, secret ? t('app.secretKept') : ''].filter(Boolean).join(' ');
  const common = {
    name: `answer-${name}`,
    label: required || kind === 'boolean' ? label : <Optional label={label} />,
    description: help || undefined,
    error: errors[name],
    required,
    withAsterisk: false,
    onBlur: () => onLeave?.(name),
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as ('label' | 'input' | 'description' | 'error')[],
  };
  if (kind === 'boolean') {
    return (
      <Switch
        size="md"
        name={common.name}
        label={label}
        description={common.description}
        error={common.error}
        checked={value === 'true'}
        onChange={(event) => onAnswer(name, String(event.currentTarget.checked))}
      />
    );
  }
  if (kind === 'choice') {
    const options = (field.options ?? []).map(([option = '', words = option]) => ({ value: option, label: words }));
    const data = options.some((option) => option.value === value) ? options : [{ value, label: t('fields.choose') }, ...options];
    return <NativeSelect size="md" {...common} data={data} value={value} onChange={(event) => onAnswer(name, event.currentTarget.value)} />;
  }
  if (kind === 'password') {
    return (
      <div>
        <PasswordInput
          {...common}
          autoComplete="new-password"
          value={value}
          onChange={(event) => onAnswer(name, event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': t('fields.show'), tabIndex: 0 }}
        />
        <Button
          className={classes.generate}
          size="xs"
          variant="default"
          leftSection={<IconDice5 size={16} stroke={1.75} />}
          onClick={() => onAnswer(name, generatePassword())}
        >
          {t('fields.generate')}
        </Button>
      </div>
    );
  }
  return (
    <TextInput
      {...common}
      type={TYPES[kind]}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      placeholder={kind === 'folder' ? t('fields.folderHint') : undefined}
      value={value}
      onChange={(event) => onAnswer(name, event.currentTarget.value)}
    />
  );
}

function Optional({ label }: { label: string }) {
  return (
    <>
      {label} <span className={classes.optional}>{t('fields.optional')}</span>
    </>
  );
}
