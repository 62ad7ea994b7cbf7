import { Button, Modal, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ApiError } from '@/api/errors';
import { useUser } from '@/app/session';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';
import classes from './Account.module.css';

interface Props {
  title: string;
  text: string;
  confirmLabel: string;
  dangerous?: boolean;
  /** A name that is asked for too, with what stands there at first. */
  named?: { label: string; help: string; initial: string };
  /** Failures other than a wrong password, in words; null leaves them to the toast. */
  explain?: (error: unknown) => string | null;
  onConfirm: (password: string, name: string) => Promise<void>;
  onClose: () => void;
}

/** What changes how somebody signs in takes the password once more. */
export function AskPassword({ title, text, confirmLabel, dangerous, named, explain, onConfirm, onClose }: Props) {
  const user = useUser();
  const [password, setPassword] = useState('');
  const [name, setName] = useState(named?.initial ?? '');
  const [wrong, setWrong] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setWrong(null);
    setProblem(null);
    try {
      await onConfirm(password, name.trim());
    } catch (error) {
      const told = explain?.(error) ?? null;
      if (error instanceof ApiError && error.code === 'wrong_credentials') setWrong(t('account.wrongCurrent'));
      else if (told !== null) setProblem(told);
      else toastError(title, error);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form className={classes.form} onSubmit={(event) => void onSubmit(event)} noValidate>
        <p className={classes.note}>{text}</p>
        {named && (
          <TextInput
            label={named.label}
            description={named.help}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        <input type="text" name="username" autoComplete="username" value={user.username} readOnly hidden />
        <PasswordInput
          label={t('gate.password')}
          autoComplete="current-password"
          value={password}
          error={wrong}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': t('action.show'), tabIndex: 0 }}
          data-autofocus
        />
        {problem !== null && (
          <p className={classes.problem} role="alert">
            {problem}
          </p>
        )}
        <div className={classes.formActions}>
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button
            type="submit"
            color={dangerous ? 'red' : undefined}
            loading={busy}
            disabled={password === '' || (named !== undefined && name.trim() === '')}
          >
            {confirmLabel}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
