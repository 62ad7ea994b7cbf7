import { TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { keepProof } from '@/api/session';
import { NewPassword } from '@/components/NewPassword';
import { passwordScore } from '@/components/password';
import { t } from '@/i18n';
import classes from './Gate.module.css';
import { SubmitRow } from './SubmitRow';
import { useSubmit } from './useSubmit';

interface Props {
  needsSetupCode: boolean;
  /** Called with the recovery codes, which are shown only now. */
  onCreated: (recoveryCodes: string[]) => void;
}

const USERNAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.@-]+$/u;

type Field = 'username' | 'password' | 'setupCode';

/** The first account of this server. */
export default function CreateAdmin({ needsSetupCode, onCreated }: Props) {
  const [values, setValues] = useState<Record<Field, string>>({ username: '', password: '', setupCode: '' });
  const [left, setLeft] = useState<Partial<Record<Field, boolean>>>({});
  const submission = useSubmit();
  const username = values.username.trim();

  const problems: Record<Field, string | null> = {
    username: username === '' ? t('gate.needUsername') : USERNAME.test(username) ? null : t('gate.badUsername'),
    password: passwordScore(values.password) === 0 ? t('gate.shortPassword') : null,
    setupCode: needsSetupCode && values.setupCode.trim() === '' ? t('gate.needSetupCode') : null,
  };
  const set = (field: Field) => (value: string) => setValues((previous) => ({ ...previous, [field]: value }));
  const leave = (field: Field) => () =>
    setLeft((previous) => ({ ...previous, [field]: values[field] !== '' || previous[field] }));
  const refused = submission.error instanceof ApiError ? submission.error : null;
  const shown = (field: Field) =>
    (left[field] ? problems[field] : null) ?? (refused?.field === field ? refused.message : null);

  // What is said at a field is not said again below.
  const told = refused?.field !== null && refused?.field !== undefined && refused.field in values;

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setLeft({ username: true, password: true, setupCode: true });
    if (Object.values(problems).some((problem) => problem !== null)) return;
    const setupCode = needsSetupCode ? { setupCode: values.setupCode.trim() } : {};
    submission.submit(async () => {
      const body = { username, password: values.password, ...setupCode };
      const answer = await unwrap(api.POST('/api/auth/login', { body }));
      keepProof(answer);
      onCreated(answer.recoveryCodes ?? []);
    });
  };

  return (
    <form className={classes.form} onSubmit={onSubmit} noValidate>
      <h1 className={classes.title}>{t('gate.welcome')}</h1>
      <p className={classes.text}>{t('gate.welcomeText')}</p>
      {needsSetupCode && (
        <TextInput
          label={t('gate.setupCode')}
          description={t('gate.setupCodeHelp')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          name="one-time-code"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          value={values.setupCode}
          error={shown('setupCode')}
          onChange={(event) => set('setupCode')(event.currentTarget.value)}
          onBlur={leave('setupCode')}
        />
      )}
      <TextInput
        label={t('gate.username')}
        description={t('gate.usernameHelp')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus={!needsSetupCode}
        value={values.username}
        error={shown('username')}
        onChange={(event) => set('username')(event.currentTarget.value)}
        onBlur={leave('username')}
      />
      <NewPassword
        label={t('gate.password')}
        value={values.password}
        username={username}
        error={shown('password')}
        onChange={set('password')}
        onBlur={leave('password')}
      />
      <SubmitRow submission={told ? { ...submission, error: null } : submission} label={t('gate.create')} refused={t('gate.wrong')} />
    </form>
  );
}
