import { Button, Modal } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';
import { t } from '@/i18n';
import classes from './Confirm.module.css';
import { TypedName } from './TypedName';

interface Props {
  title: string;
  children: ReactNode;
  /** The names that are touched. */
  names?: string[];
  confirmLabel: string;
  dangerous?: boolean;
  busy?: boolean;
  /** What has to be typed before the button works, and the label that says so. */
  typed?: { word: string; label: string };
  onConfirm: () => void;
  onClose: () => void;
}

/** The one confirmation of an action: it says what happens and names what it touches. */
export function Confirm({ title, children, names, confirmLabel, dangerous, busy, typed, onConfirm, onClose }: Props) {
  const [word, setWord] = useState('');
  const formId = useId();
  const ready = typed === undefined || word.trim() === typed.word;
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        id={formId}
        className={classes.body}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) onConfirm();
        }}
      >
        <div className={classes.text}>{children}</div>
        {names && (
          <ul className={classes.names} tabIndex={0} aria-label={title}>
            {names.map((name) => (
              <li key={name}>{name}</li>
            ))}
          </ul>
        )}
        {typed && <TypedName label={typed.label} value={word} onChange={setWord} autoFocus />}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button
            type="submit"
            color={dangerous ? 'red' : undefined}
            disabled={!ready}
            loading={busy}
            data-autofocus={typed === undefined ? true : undefined}
          >
            {confirmLabel}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
