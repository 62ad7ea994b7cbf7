import { Button, Modal, Skeleton, TextInput } from '@mantine/core';
import { type FormEvent, lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import type { components } from '@/api/schema';
import { CopyButton } from '@/components/CopyButton';
import { toast, toastError } from '@/components/toasts';
import { t } from '@/i18n';
import classes from './Account.module.css';
import { AskPassword } from './AskPassword';
import type { SecondFactors } from './useFactors';

const QrCode = lazy(() => import('./QrCode'));

interface Props {
  onDone: (factors: SecondFactors) => void;
  onClose: () => void;
}

/** The password, then the secret as a picture and as text, then a code that shows that the app has it. */
export default function SetUpApp({ onDone, onClose }: Props) {
  const [setup, setSetup] = useState<components['schemas']['TotpSetup'] | null>(null);
  if (setup !== null) return <ConfirmApp {...setup} onDone={onDone} onClose={onClose} />;
  return (
    <AskPassword
      title={t('account.appTitle')}
      text={t('account.confirm')}
      confirmLabel={t('account.setUpApp')}
      onConfirm={async (password) => setSetup(await unwrap(api.POST('/api/auth/totp', { body: { password } })))}
      onClose={onClose}
    />
  );
}

const grouped = (secret: string) => secret.replace(/(.{4})(?=.)/g, '$1 ');

function ConfirmApp({ secret, uri, onDone, onClose }: Props & components['schemas']['TotpSetup']) {
  const [code, setCode] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setWrong(null);
    try {
      onDone(await unwrap(api.POST('/api/auth/totp/confirm', { body: { code: code.replace(/\s/g, '') } })));
      toast({ tone: 'ok', title: t('account.appDone') });
    } catch (error) {
      if (error instanceof ApiError && error.field === 'code') setWrong(error.message);
      else toastError(t('account.appTitle'), error);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('account.appTitle')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form className={classes.form} onSubmit={(event) => void onSubmit(event)} noValidate>
        <p className={classes.note}>{t('account.scan')}</p>
        <Suspense fallback={<Skeleton height={224} width={224} className={classes.qr} />}>
          <QrCode text={uri} label={t('account.scanAlt')} />
        </Suspense>
        <p className={classes.note}>{t('account.typeSecret')}</p>
        <div className={classes.secret}>
          <code className={classes.token}>{grouped(secret)}</code>
          <CopyButton size="sm" text={secret} />
        </div>
        <TextInput
          label={t('account.appCode')}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={7}
          value={code}
          error={wrong}
          onChange={(event) => setCode(event.currentTarget.value)}
          data-autofocus
        />
        <div className={classes.formActions}>
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={busy} disabled={code.trim() === ''}>
            {t('account.appConfirm')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
