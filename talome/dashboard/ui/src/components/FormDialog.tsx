import { Button, Modal } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { t } from '@/i18n';
import classes from './FormDialog.module.css';
import { toastError } from './toasts';

interface Props {
  title: string;
  submitLabel: string;
  disabled?: boolean;
  autoComplete?: 'off';
  children: ReactNode;
  /** Sends what was entered; false = it stays open, because something has to be put right first. */
  onSubmit: () => Promise<boolean>;
  onClose: () => void;
}

/** A short form over the page. It closes once what was entered is saved, and stays with it when that fails. */
export function FormDialog({ title, submitLabel, disabled, autoComplete, children, onSubmit, onClose }: Props) {
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      if (await onSubmit()) return onClose();
    } catch (error) {
      toastError(title, error);
    }
    setBusy(false);
  };
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form className={classes.form} onSubmit={(event) => void submit(event)} noValidate autoComplete={autoComplete}>
        {children}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={busy} disabled={disabled}>
            {submitLabel}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
