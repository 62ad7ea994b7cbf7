import { ActionIcon, TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconFilter, IconRegex, IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect } from 'react';
import { t } from '@/i18n';
import { whole } from '@/i18n/format';
import classes from './Logs.module.css';
import type { LogModel } from './model';

export interface Searching {
  text: string;
  regex: boolean;
  /** Lines without a match are left out. */
  only: boolean;
}

interface Props {
  field: RefObject<HTMLInputElement | null>;
  model: LogModel;
  value: Searching;
  onChange: (change: Partial<Searching>) => void;
  /** Place of the match that was jumped to, from 1; 0 = none yet. */
  place: number;
  onStep: (direction: 1 | -1) => void;
  onLeave: () => void;
}

const TYPING_MS = 120;

export function SearchField({ field, model, value, onChange, place, onStep, onLeave }: Props) {
  const { text, regex, only } = value;
  const { state, count } = model.search;
  useEffect(() => {
    const timer = window.setTimeout(() => model.find({ text, regex }, only), text === '' ? 0 : TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [model, text, regex, only]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      onStep(event.shiftKey ? 1 : -1);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      if (text === '') onLeave();
      else onChange({ text: '' });
    }
  };
  const problem = state === 'invalid' ? t('logs.badRegex') : state === 'slow' ? t('logs.slowRegex') : null;
  return (
    <div className={classes.searchGroup}>
      <TextInput
        ref={field}
        className={classes.search}
        size="sm"
        type="search"
        aria-label={t('logs.search')}
        placeholder={t('logs.search')}
        value={text}
        onChange={(event) => onChange({ text: event.currentTarget.value })}
        onKeyDown={onKeyDown}
        error={problem}
        leftSection={<IconSearch size={16} stroke={1.75} />}
        rightSectionWidth={68}
        rightSection={
          <span className={classes.toggles}>
            <Toggle label={t('logs.regex')} on={regex} onClick={() => onChange({ regex: !regex })}>
              <IconRegex size={16} stroke={1.75} />
            </Toggle>
            <Toggle label={t('logs.onlyMatches')} on={only} onClick={() => onChange({ only: !only })}>
              <IconFilter size={16} stroke={1.75} />
            </Toggle>
          </span>
        }
        spellCheck={false}
        autoComplete="off"
      />
      {text !== '' && problem === null && (
        <>
          <span className={classes.matchCount} role="status">
            {count === 0 ? (state === 'found' ? t('logs.noMatches') : '…') : place === 0 ? whole(count) : t('logs.matches', { current: place, count })}
          </span>
          <ActionIcon aria-label={t('logs.previous')} disabled={count === 0} onClick={() => onStep(-1)}>
            <IconChevronUp size={18} stroke={1.75} />
          </ActionIcon>
          <ActionIcon aria-label={t('logs.next')} disabled={count === 0} onClick={() => onStep(1)}>
            <IconChevronDown size={18} stroke={1.75} />
          </ActionIcon>
        </>
      )}
    </div>
  );
}

function Toggle({ label, on, onClick, children }: { label: string; on: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <ActionIcon
      size={28}
      variant={on ? 'light' : 'subtle'}
      color={on ? 'leaf' : 'gray'}
      aria-pressed={on}
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      {children}
    </ActionIcon>
  );
}
