import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { t } from '@/i18n';
import classes from './Terminal.module.css';

interface Props {
  title: string;
  busy: boolean;
  onSave: (title: string) => void;
  onClose: () => void;
}

/** Asks for another name of a terminal. */
export default function Rename({ title, busy, onSave, onClose }: Props) {
  const [text, setText] = useState(title);
  const name = text.trim();
  return (
    <Modal opened onClose={onClose} title={t('terminal.rename')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name !== '') onSave(name);
        }}
      >
        <TextInput
          label={t('terminal.name')}
          value={text}
          maxLength={100}
          onChange={(event) => setText(event.currentTarget.value)}
          onFocus={(event) => event.currentTarget.select()}
          data-autofocus
        />
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={busy} disabled={name === ''}>
            {t('terminal.save')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
