import { ActionIcon, Button, Checkbox, Popover, TextInput } from '@mantine/core';
import { IconStack2 } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Container } from '@/api/types';
import { titleOf } from '@/domain/containers';
import { t } from '@/i18n';
import { useContainers } from '@/live/streams';
import classes from './Logs.module.css';
import { mergedAddress, MOST_MERGED } from './merged';

/** Chooses whose logs are shown as one. The choice is part of the address, so it can be kept and shared. */
export function AddContainers({ shown }: { shown: Container[] }) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon
          variant="default"
          size={36}
          className={classes.tool}
          aria-label={t('logs.merge')}
          title={t('logs.merge')}
          onClick={() => setOpened(!opened)}
        >
          <IconStack2 size={18} stroke={1.75} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('logs.merge')} className={classes.options}>
        <Choices shown={shown} onDone={() => setOpened(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Choices({ shown, onDone }: { shown: Container[]; onDone: () => void }) {
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
