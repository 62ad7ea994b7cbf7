import { Button, Checkbox, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Container } from '@/api/types';
import { titleOf } from '@/domain/containers';
import { t } from '@/i18n';
import { useContainers } from '@/live/streams';
import classes from './Logs.module.css';
import { mergedAddress, MOST_MERGED } from './merged';

/** The containers to choose from; it comes when it is asked for. */
export default function ChooseContainers({ shown, onDone }: { shown: Container[]; onDone: () => void }) {
  const navigate = useNavigate();
  const { data } = useContainers();
  const [query, setQuery] = useState('');
  const [names, setNames] = useState<string[]>(() => shown.map(({ name }) => name));
  const wanted = query.trim().toLowerCase();
  const listed = (data?.containers ?? []).filter(({ name }) => names.includes(name) || name.toLowerCase().includes(wanted));
  const onShow = () => {
    onDone();
    void navigate({ to: mergedAddress(names) });
  };
  return (
    <>
      <TextInput
        size="sm"
        type="search"
        aria-label={t('logs.mergeSearch')}
        placeholder={t('logs.mergeSearch')}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
      />
      <div className={classes.mergeList}>
        {listed.map((container) => {
          const on = names.includes(container.name);
          return (
            <Checkbox
              key={container.id}
              label={titleOf(container)}
              checked={on}
              disabled={!on && names.length >= MOST_MERGED}
              onChange={() => setNames(on ? names.filter((name) => name !== container.name) : [...names, container.name])}
            />
          );
        })}
      </div>
      <Button disabled={names.length === 0} onClick={onShow}>
        {t('logs.mergeShow', { count: names.length })}
      </Button>
    </>
  );
}
