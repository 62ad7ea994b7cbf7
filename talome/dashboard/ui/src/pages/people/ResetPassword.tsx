import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { User } from '@/api/types';
import { FormDialog } from '@/components/FormDialog';
import { passwordScore } from '@/components/password';
import { toast } from '@/components/toasts';
import { t } from '@/i18n';
import { ChosenPassword } from './ChosenPassword';
import classes from './People.module.css';
import { nameOf } from './usePeople';

interface Props {
  user: User;
  onDone: () => void;
  onClose: () => void;
}

export default function ResetPassword({ user, onDone, onClose }: Props) {
  const [password, setPassword] = useState('');
  const [tried, setTried] = useState(false);
  const name = nameOf(user);
  const title = t('people.resetOf', { name });
  const tooShort = passwordScore(password) === 0;
  const reset = async () => {
    setTried(true);
    if (tooShort) return false;
    await unwrap(api.PUT('/api/users/{id}', { params: { path: { id: user.id } }, body: { password } }));
    toast({ tone: 'ok', title: t('people.resetDone', { name }) });
    onDone();
    return true;
  };
  return (
    <FormDialog title={title} submitLabel={t('people.reset')} autoComplete="off" onSubmit={reset} onClose={onClose}>
      <p className={classes.note}>{t('people.resetText')}</p>
      <ChosenPassword
        value={password}
        username={user.username}
        error={tried && tooShort ? t('gate.shortPassword') : null}
        onChange={setPassword}
      />
    </FormDialog>
  );
}
