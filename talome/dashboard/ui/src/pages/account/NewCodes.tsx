import { Button, Modal, PasswordInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { RecoveryCodes } from '@/components/RecoveryCodes';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';
import classes from './Account.module.css';
import { Section } from './Section';

export function NewCodes() {
  const [asking, setAsking] = useState(false);
  const [codes, setCodes] = useState<string[] | null>(null);
  return (
    <Section title={t('account.codes')} text={t('account.codesText')}>
      {codes === null ? (
        <div>
          <Button variant="default" onClick={() => setAsking(true)}>
            {t('account.makeCodes')}
          </Button>
        </div>
      ) : (
        <div className={classes.form}>
          <p className={classes.note}>{t('gate.codesText')}</p>
          <RecoveryCodes codes={codes} />
        </div>
      )}
      {asking && (
        <AskPassword
          onClose={() => setAsking(false)}
          onCodes={(made) => {
            setCodes(made);
            setAsking(false);
          }}
        />
      )}
    </Section>
  );
}

function AskPassword({ onClose, onCodes }: { onClose: () => void; onCodes: (codes: string[]) => void }) {
  const [password, setPassword] = useState('');
  const [wrong, setWrong] = useState(false);
  const [busy, setBusy] = useState(false);
  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setWrong(false);
    try {
      const { recoveryCodes } = await unwrap(api.POST('/api/auth/recovery-codes', { body: { password } }));
      onCodes(recoveryCodes);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) setWrong(true);
      else toastError(t('account.makeCodes'), error);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('account.makeCodes')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form className={classes.form} onSubmit={(event) => void onSubmit(event)} noValidate>
        <PasswordInput
          label={t('gate.password')}
          description={t('account.codesConfirm')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          autoComplete="current-password"
          value={password}
          error={wrong ? t('account.wrongCurrent') : null}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': t('action.show'), tabIndex: 0 }}
          data-autofocus
        />
        <div className={classes.formActions}>
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={busy} disabled={password === ''}>
            {t('account.makeCodes')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
