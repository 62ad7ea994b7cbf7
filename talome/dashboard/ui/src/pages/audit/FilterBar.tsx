import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { t } from '@/i18n';
import classes from './Audit.module.css';
import type { Filters } from './filters';
import { useNames } from './useNames';

interface Props {
  filters: Filters;
  onChoose: (change: Filters) => void;
  onClear: () => void;
}

const OUTCOMES = ['ok', 'denied', 'failed'] as const;
const TYPING_MS = 300;

export function FilterBar({ filters, onChoose, onClear }: Props) {
  const names = [...useNames().values()];
  // Somebody who is gone is still in the log, and may be in the address.
  if (filters.actor !== undefined && !names.includes(filters.actor)) names.push(filters.actor);
  return (
    <div className={classes.filters} role="search" aria-label={t('audit.title')}>
      <NativeSelect
        label={t('audit.person')}
        size="sm"
        value={filters.actor ?? ''}
        onChange={(event) => onChoose({ actor: event.currentTarget.value || undefined })}
        data={[{ value: '', label: t('audit.anyone') }, ...names.map((name) => ({ value: name, label: name }))]}
      />
      <Operation value={filters.operation ?? ''} onChoose={onChoose} />
      <NativeSelect
        label={t('audit.outcome')}
        size="sm"
        value={filters.outcome ?? ''}
        onChange={(event) => onChoose({ outcome: (event.currentTarget.value || undefined) as Filters['outcome'] })}
        data={[{ value: '', label: t('audit.any') }, ...OUTCOMES.map((value) => ({ value, label: t(`audit.${value}`) }))]}
      />
      <TextInput
        label={t('audit.since')}
        size="sm"
        type="date"
        value={filters.since ?? ''}
        max={filters.until}
        onChange={(event) => onChoose({ since: event.currentTarget.value || undefined })}
      />
      <TextInput
        label={t('audit.until')}
        size="sm"
        type="date"
        value={filters.until ?? ''}
        min={filters.since}
        onChange={(event) => onChoose({ until: event.currentTarget.value || undefined })}
      />
      <Button variant="default" size="sm" disabled={Object.keys(filters).length === 0} onClick={onClear}>
        {t('audit.clear')}
      </Button>
    </div>
  );
}

/** Asks when the typing pauses. */
function Operation({ value, onChoose }: { value: string; onChoose: Props['onChoose'] }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = window.setTimeout(() => onChoose({ operation: typed.trim() || undefined }), TYPING_MS);
    return () => window.clearTimeout(timer);
  });
  return (
    <TextInput
      label={t('audit.operation')}
      placeholder={t('audit.operationHelp')}
      size="sm"
      maxLength={100}
      autoCapitalize="none"
      spellCheck={false}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  );
}
