import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { type EndReason, keepProof } from '@/api/session';
import { t } from '@/i18n';
import { type Demand, orDemand } from './demand';
import { FormNotice } from './FormNotice';
import classes from './Gate.module.css';
import { SubmitRow } from './SubmitRow';
import { useSubmit } from './useSubmit';

interface Props {
  notice: EndReason | 'over' | null;
  onEnter: () => void;
  onDemand: (demand: Demand) => void;
  onForgot: () => void;
}

const NOTICES = { expired: 'gate.expired', 'signed-out': 'gate.signedOut', over: 'gate.over' } as const;

export function SignIn({ notice, onEnter, onDemand, onForgot }: Props) {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [tried, setTried] = useState(false);
  const submission = useSubmit();

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (username.trim() === '' || password === '') return;
    const body = { username: username.trim(), password };
    submission.submit(() =>
      orDemand(onDemand, async () => {
        keepProof(await unwrap(api.POST('/api/auth/login', { body })));
        onEnter();
      }),
    );
  };

  return (
    <form className={classes.form} onSubmit={onSubmit} noValidate>
      <h1 className={classes.title}>{t('gate.signInTitle')}</h1>
      {notice !== null && (
        <FormNotice tone="info">{t(NOTICES[notice])}</FormNotice>
      )}
      <TextInput
        label={t('gate.username')}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        value={username}
        error={tried && username.trim() === '' ? t('gate.needUsername') : null}
        onChange={(event) => setUsername(event.currentTarget.value)}
      />
      <PasswordInput
        label={t('gate.password')}
        name="password"
        autoComplete="current-password"
        value={password}
        error={tried && password === '' ? t('gate.needPassword') : null}
        onChange={(event) => setPassword(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': t('action.show'), tabIndex: 0 }}
      />
      <SubmitRow submission={submission} label={t('gate.signIn')} refused={t('gate.wrong')} />
      <div className={classes.foot}>
        <Button variant="subtle" onClick={onForgot}>
          {t('gate.forgot')}
        </Button>
      </div>
    </form>
  );
}
