import { ActionIcon } from '@mantine/core';
import { IconChevronRight, IconPencil } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { t } from '@/i18n';
import { type Drops, useDrop } from './drag';
import classes from './Files.module.css';
import { addressOf } from './usePlaces';

interface Step {
  path: string;
  name: string;
}

interface Props {
  steps: Step[];
  path: string;
  drops: Drops | null;
  onGo: (path: string) => void;
}

/** The way to this folder. It can be typed too. */
export function Crumbs({ steps, path, drops, onGo }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  if (typed !== null) {
    return (
      <form
        className={classes.crumbs}
        onSubmit={(event) => {
          event.preventDefault();
          setTyped(null);
          onGo(`/${typed.split('/').filter(Boolean).join('/')}`);
        }}
      >
        <input
          className={classes.typed}
          aria-label={t('files.path')}
          value={typed}
          autoFocus
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="none"
          onChange={(event) => setTyped(event.currentTarget.value)}
          onBlur={() => setTyped(null)}
          onKeyDown={(event) => event.key === 'Escape' && setTyped(null)}
        />
      </form>
    );
  }
  return (
    <nav className={classes.crumbs} aria-label={t('files.way')}>
      <ol>
        <Crumb step={{ path: '/', name: t('files.title') }} drops={null} last={false} />
        {steps.map((step, index) => (
          <Crumb key={step.path} step={step} drops={drops} last={index === steps.length - 1} />
        ))}
      </ol>
      <ActionIcon aria-label={t('files.typePath')} title={t('files.typePath')} onClick={() => setTyped(path)}>
        <IconPencil size={16} stroke={1.75} />
      </ActionIcon>
    </nav>
  );
}

const NOWHERE: Drops = { onPaths: () => undefined, onFiles: () => undefined };

function Crumb({ step, drops, last }: { step: Step; drops: Drops | null; last: boolean }) {
  const drop = useDrop(drops === null ? null : step.path, drops ?? NOWHERE);
  return (
    <li className={classes.crumb} {...drop}>
      <Link {...addressOf(step.path)} aria-current={last ? 'page' : undefined}>
        {step.name}
      </Link>
      {!last && <IconChevronRight size={14} aria-hidden />}
    </li>
  );
}
