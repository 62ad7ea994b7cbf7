import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { keepProof } from '@/api/session';
import { NewPassword } from '@/components/NewPassword';
import { passwordScore } from '@/components/password';
import { t } from '@/i18n';
import { type Demand, orDemand } from './demand';
import { FormNotice } from './FormNotice';
import classes from './Gate.module.css';
import { SubmitRow } from './SubmitRow';
import { useSubmit } from './useSubmit';

interface Props {
  onEnter: () => void;
  onDemand: (demand: Demand) => void;
  onBack: () => void;
}

/** A new password for someone who lost the old one but kept a recovery code. */
export default function Recover({ onEnter, onDemand, onBack }: Props) {
  const [username, setUsername] = useState('');
  const [recoveryCode, setRecoveryCode] = useState('');
  const [newPassword, setNewPassword] = useState('');
  const [tried, setTried] = useState(false);
  const [codesLeft, setCodesLeft] = useState<number | null>(null);
  const submission = useSubmit();

  const noName = username.trim() === '';
  const noCode = recoveryCode.trim() === '';
  const tooShort = passwordScore(newPassword) === 0;

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (noName || noCode || tooShort) return;
    const body = { username: username.trim(), recoveryCode: recoveryCode.trim(), newPassword };
    submission.submit(() =>
      orDemand(onDemand, async () => {
        const answer = await unwrap(api.POST('/api/auth/recover', { body }));
        keepProof(answer);
        setCodesLeft(answer.recoveryCodesLeft ?? 0);
      }),
    );
  };

  if (codesLeft !== null) {
    return (
      <div className={classes.form}>
        <h1 className={classes.title}>{t('gate.recoveredTitle')}</h1>
        <FormNotice tone="ok">{`${t('gate.recoveredText')} ${t('gate.codesLeft', { count: codesLeft })}`}</FormNotice>
        <Button size="md" fullWidth onClick={onEnter} autoFocus>
          {t('gate.recoveredContinue')}
        </Button>
      </div>
    );
  }
  return (
    <form className={classes.form} onSubmit={onSubmit} noValidate>
      <h1 className={classes.title}>{t('gate.recoverTitle')}</h1>
      <p className={classes.text}>{t('gate.recoverText')}</p>
      <TextInput
        label={t('gate.username')}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        value={username}
        error={tried && noName ? t('gate.needUsername') : null}
        onChange={(event) => setUsername(event.currentTarget.value)}
      />
      <TextInput
        label={t('gate.recoveryCode')}
        name="recovery-code"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={recoveryCode}
        error={tried && noCode ? t('gate.needRecoveryCode') : null}
        onChange={(event) => setRecoveryCode(event.currentTarget.value)}
      />
      <NewPassword
        label={t('gate.newPassword')}
        value={newPassword}
        username={username}
        error={tried && tooShort ? t('gate.shortPassword') : null}
        onChange={setNewPassword}
      />
      <SubmitRow submission={submission} label={t('gate.recover')} refused={t('gate.recoverWrong')} />
      <div className={classes.foot}>
        <Button variant="subtle" onClick={onBack}>
          {t('gate.backToSignIn')}
        </Button>
      </div>
    </form>
  );
}
