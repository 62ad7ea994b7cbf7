import { ActionIcon, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { t } from '@/i18n';
import classes from './Terminal.module.css';

interface Props {
  onFind: (text: string, backwards: boolean) => boolean;
  onClose: () => void;
}

/** Looks through what the terminal still shows: Enter goes up, Shift and Enter down, Escape closes. */
export function FindBar({ onFind, onClose }: Props) {
  const [text, setText] = useState('');
  const [missing, setMissing] = useState(false);
  const find = (wanted: string, backwards: boolean) => setMissing(!onFind(wanted, backwards));
  const icon = { size: 18, stroke: 1.75 };
  return (
    <div className={classes.find} role="search">
      <TextInput
        aria-label={t('terminal.find')}
        placeholder={t('terminal.find')}
        value={text}
        error={missing && t('terminal.notFound')}
        data-autofocus
        autoFocus
        onChange={(event) => {
          setText(event.currentTarget.value);
          setMissing(false);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') find(text, event.shiftKey);
          if (event.key === 'Escape') onClose();
        }}
      />
      <ActionIcon size={36} aria-label={t('terminal.findUp')} onClick={() => find(text, false)}>
        <IconArrowUp {...icon} />
      </ActionIcon>
      <ActionIcon size={36} aria-label={t('terminal.findDown')} onClick={() => find(text, true)}>
        <IconArrowDown {...icon} />
      </ActionIcon>
      <ActionIcon size={36} aria-label={t('terminal.findClose')} onClick={onClose}>
        <IconX {...icon} />
      </ActionIcon>
    </div>
  );
}
