import { ActionIcon, CloseButton, NativeSelect, SegmentedControl, Switch, TextInput } from '@mantine/core';
import { IconSearch, IconSortAscending, IconSortDescending } from '@tabler/icons-react';
import { type PlainKey, t } from '@/i18n';
import classes from './Containers.module.css';
import { type Column, type Filter, startsDescending, type View } from './view';

interface Props {
  view: View;
  onView: (change: Partial<View>) => void;
  query: string;
  onQuery: (query: string) => void;
  counts: Record<Filter, number>;
  wide: boolean;
}

const FILTERS: [Filter, PlainKey][] = [
  ['all', 'containers.filterAll'],
  ['running', 'containers.filterRunning'],
  ['stopped', 'containers.filterStopped'],
  ['trouble', 'containers.filterTrouble'],
];

const COLUMNS: [Column, PlainKey][] = [
  ['name', 'containers.name'],
  ['state', 'containers.state'],
  ['cpu', 'containers.cpu'],
  ['memory', 'containers.memory'],
  ['network', 'containers.network'],
  ['since', 'containers.since'],
];

/** Search, filter and grouping; on a phone the order too, which a table has in its head. */
export function Toolbar({ view, onView, query, onQuery, counts, wide }: Props) {
  const Direction = view.descending ? IconSortDescending : IconSortAscending;
  return (
    <div className={classes.toolbar}>
      <TextInput
        className={classes.search}
        size={wide ? 'sm' : 'md'}
        type="search"
        aria-label={t('containers.search')}
        placeholder={t('containers.search')}
        value={query}
        onChange={(event) => onQuery(event.currentTarget.value)}
        leftSection={<IconSearch size={16} stroke={1.75} />}
        rightSection={query !== '' && <CloseButton size="sm" aria-label={t('action.clear')} onClick={() => onQuery('')} />}
      />
      <SegmentedControl
        className={classes.filter}
        size={wide ? 'xs' : 'sm'}
        aria-label={t('containers.filter')}
        value={view.filter}
        onChange={(filter) => onView({ filter: filter as Filter })}
        data={FILTERS.map(([value, key]) => ({
          value,
          label: (
            <>
              {t(key)}
              <span className={classes.filterCount}>{counts[value]}</span>
            </>
          ),
        }))}
      />
      {!wide && (
        <div className={classes.order}>
          <NativeSelect
            aria-label={t('containers.sort')}
            size="md"
            value={view.sort}
            onChange={(event) => {
              const sort = event.currentTarget.value as Column;
              onView({ sort, descending: startsDescending(sort) });
            }}
            data={COLUMNS.map(([value, key]) => ({ value, label: t('containers.sortBy', { column: t(key) }) }))}
          />
          <ActionIcon
            size={44}
            variant="default"
            aria-label={t(view.descending ? 'containers.descending' : 'containers.ascending')}
            onClick={() => onView({ descending: !view.descending })}
          >
            <Direction size={18} stroke={1.75} />
          </ActionIcon>
        </div>
      )}
      <Switch
        className={classes.group}
        label={t('containers.group')}
        checked={view.grouped}
        onChange={(event) => onView({ grouped: event.currentTarget.checked })}
      />
    </div>
  );
}
