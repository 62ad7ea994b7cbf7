import { Modal } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useStored } from '@/components/useStored';
import { t } from '@/i18n';
import type { Entry } from './paletteEntries';
import classes from './Palette.module.css';
import { remembered, search } from './paletteSearch';
import { usePaletteEntries } from './usePaletteEntries';

/** Search over pages, apps, containers, files, settings, people and actions. Arrow keys choose, Enter opens, Escape closes. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const [{ recent }, remember] = useStored<{ recent: string[] }>('search', { recent: [] });
  const [query, setQuery] = useState('');
  const entries = usePaletteEntries(query);
  const [chosen, setChosen] = useState(0);
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);

  const found = useMemo(() => search(entries, query, recent), [entries, query, recent]);
  const current = Math.min(chosen, found.length - 1);

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [current]);

  const open = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    onClose();
    remember({ recent: remembered(recent, entry.id) });
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const move = moves[event.key];
    if (move !== undefined && found.length > 0) {
      event.preventDefault();
      setChosen((current + move + found.length) % found.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      open(found[current]);
    }
  };

  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      centered={false}
      yOffset="12vh"
      size={600}
      padding={0}
      aria-label={t('search.open')}
    >
      <div className={classes.field}>
        <IconSearch size={18} stroke={1.75} aria-hidden />
        <input
          className={classes.input}
          role="combobox"
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={found.length > 0 ? `${listId}-${current}` : undefined}
          aria-label={t('search.placeholder')}
          placeholder={t('search.placeholder')}
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
      </div>
      <div className={classes.list} role="listbox" id={listId} ref={list} aria-label={t('search.open')}>
        {found.map((entry, index) => (
          <div key={entry.id} role="presentation">
            {entry.group !== found[index - 1]?.group && (
              <div className={classes.group} role="presentation">
                {entry.group}
              </div>
            )}
            <div
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === current}
              className={classes.entry}
              onMouseMove={() => setChosen(index)}
              onClick={() => open(entry)}
            >
              {entry.icon}
              <span className={classes.name}>
                {entry.label}
                {entry.excerpt !== undefined && <span className={classes.excerpt}>{entry.excerpt}</span>}
              </span>
              {entry.hint !== undefined && <span className={classes.hint}>{entry.hint}</span>}
            </div>
          </div>
        ))}
      </div>
      <p className={classes.outcome} role="status" data-empty={found.length === 0 || undefined}>
        {found.length === 0 ? t('search.empty', { query }) : t('search.results', { count: found.length })}
      </p>
    </Modal>
  );
}
