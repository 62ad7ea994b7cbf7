import { ActionIcon, NativeSelect } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useRef } from 'react';
import { t } from '@/i18n';
import type { Look, TerminalSession } from './model';
import Screen, { type Handle } from './Screen';
import classes from './Terminal.module.css';

interface Props {
  /** Those that may be shown here, of which this one is. */
  choices: TerminalSession[];
  session: TerminalSession;
  look: Look;
  isThere: (id: string) => Promise<boolean>;
  onChoose: (id: string | null) => void;
  onTitle: () => void;
}

/** A second terminal, to the right of the first. */
export default function Beside({ choices, session, look, isThere, onChoose, onTitle }: Props) {
  const handle = useRef<Handle>(null);
  return (
    <section className={classes.pane} aria-label={t('terminal.beside', { title: session.title })}>
      <div className={classes.paneHead}>
        <NativeSelect
          aria-label={t('terminal.besideChoose')}
          value={session.id}
          data={choices.map(({ id, title }) => ({ value: id, label: title }))}
          onChange={(event) => onChoose(event.currentTarget.value)}
        />
        <ActionIcon size={36} aria-label={t('terminal.besideClose')} onClick={() => onChoose(null)}>
          <IconX size={18} stroke={1.75} />
        </ActionIcon>
      </div>
      <Screen
        key={session.id}
        session={session}
        look={look}
        handle={handle}
        isThere={() => isThere(session.id)}
        onTitle={onTitle}
        onRemove={() => onChoose(null)}
      />
    </section>
  );
}
