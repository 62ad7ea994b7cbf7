import { Button, PasswordInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { NewPassword } from '@/components/NewPassword';
import { passwordScore } from '@/components/password';
import { toast, toastError } from '@/components/toasts';
import { useUser } from '@/app/session';
import { t } from '@/i18n';
import classes from './Account.module.css';
import { Section } from './Section';

export function PasswordForm() {
  const user = useUser();
  const [currentPassword, setCurrent] = useState('');
  const [newPassword, setNew] = useState('');
  const [tried, setTried] = useState(false);
  const [wrong, setWrong] = useState(false);
  const [busy, setBusy] = useState(false);
  const tooShort = passwordScore(newPassword) === 0;

  const send = async () => {
    setBusy(true);
    try {
      await unwrap(api.POST('/api/auth/password', { body: { currentPassword, newPassword } }));
      toast({ tone: 'ok', title: t('account.changed') });
      setCurrent('');
      setNew('');
      setTried(false);
    } catch (error) {
      if (error instanceof ApiError && error.code === 'wrong_credentials') setWrong(true);
      else toastError(t('account.change'), error);
    } finally {
      setBusy(false);
    }
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    setWrong(false);
    if (currentPassword !== '' && !tooShort) void send();
  };
  const currentProblem = wrong ? t('account.wrongCurrent') : tried && currentPassword === '' ? t('gate.needPassword') : null;
  return (
    <Section title={t('account.password')} text={t('account.passwordText')}>
      <form className={classes.form} onSubmit={onSubmit} noValidate>
        <input type="text" name="username" autoComplete="username" value={user.username} readOnly hidden />
        <PasswordInput
          label={t('account.current')}
          autoComplete="current-password"
          value={currentPassword}
          error={currentProblem}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': t('action.show'), tabIndex: 0 }}
        />
        <NewPassword
          label={t('account.new')}
          value={newPassword}
          username={user.username}
          error={tried && tooShort ? t('gate.shortPassword') : null}
          onChange={setNew}
        />
        <div>
          <Button type="submit" loading={busy}>
            {t('account.change')}
          </Button>
        </div>
      </form>
    </Section>
  );
}
