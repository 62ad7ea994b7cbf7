import { ActionIcon, Button, CloseButton, NativeSelect, TextInput } from '@mantine/core';
import { IconFilterOff, IconSearch, IconSortAscending, IconSortDescending } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useWide } from '@/app/useWide';
import { t } from '@/i18n';
import { arrange, type Column, type Order, type Ticks } from './dataList';
import classes from './DataList.module.css';
import { DataCards, DataTable } from './DataRows';
import { EmptyState } from './EmptyState';
import { useStored } from './useStored';

export interface DataListProps<Row> {
  /** Under which the order is remembered; also tells two lists of a page apart. */
  name: string;
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  /** The text that a search looks at; without it there is no search. */
  text?: (row: Row) => string;
  order: Order;
  /** Buttons of a row. */
  actions?: (row: Row) => ReactNode;
  /** What the buttons need on a wide screen, in pixels; enough for one icon when left out. */
  actionsWidth?: number;
  ticks?: Ticks;
  /** What stands beside the search. */
  tools?: ReactNode;
  /** What is shown where there are no rows at all. */
  empty: ReactNode;
  /** Rows that are not what is now, but what was last known. */
  stale?: boolean;
}

/** So many rows are drawn at first: a machine may run thousands of processes. */
const FIRST = 50;
/** So few cards need no order on a phone. */
const FEW = 3;

/** A list that sorts and searches: a table on a wide screen, cards on a phone. */
export function DataList<Row>(props: DataListProps<Row>) {
  const { name, columns, rows, text, tools, empty } = props;
  const wide = useWide();
  const [order, setOrder] = useStored<Order>(`list.${name}`, props.order);
  const [query, setQuery] = useState('');
  const [most, setMost] = useState(FIRST);
  const found = arrange(rows, columns, order, query, text ?? (() => ''));
  const shown = found.slice(0, most);
  const Rows = wide ? DataTable : DataCards;
  return (
    <div className={classes.list}>
      {(text !== undefined || Boolean(tools) || (!wide && rows.length > FEW)) && (
        <div className={classes.tools}>
          {text !== undefined && <Search label={props.label} wide={wide} query={query} onQuery={setQuery} />}
          {!wide && rows.length > FEW && <OrderChoice columns={columns} order={order} onOrder={setOrder} />}
          {tools}
        </div>
      )}
      {rows.length === 0 ? (
        empty
      ) : found.length === 0 ? (
        <EmptyState
          icon={<IconFilterOff size={26} stroke={1.75} />}
          title={t('list.noMatch')}
          text={t('list.noMatchText')}
          action={<Button onClick={() => setQuery('')}>{t('list.clear')}</Button>}
        />
      ) : (
        <Rows {...props} rows={shown} order={order} onOrder={setOrder} />
      )}
      {found.length > most && (
        <Button variant="default" onClick={() => setMost(most * 10)}>
          {t('list.more', { count: found.length - most })}
        </Button>
      )}
    </div>
  );
}

interface SearchProps {
  label: string;
  wide: boolean;
  query: string;
  onQuery: (query: string) => void;
}

function Search({ label, wide, query, onQuery }: SearchProps) {
  const name = t('list.search', { name: label });
  return (
    <TextInput
      className={classes.search}
      size={wide ? 'sm' : 'md'}
      type="search"
      aria-label={name}
      placeholder={t('list.searchHint')}
      value={query}
      onChange={(event) => onQuery(event.currentTarget.value)}
      leftSection={<IconSearch size={16} stroke={1.75} />}
      rightSection={query !== '' && <CloseButton size="sm" aria-label={t('action.clear')} onClick={() => onQuery('')} />}
    />
  );
}

interface OrderProps<Row> {
  columns: Column<Row>[];
  order: Order;
  onOrder: (order: Partial<Order>) => void;
}

/** The order on a phone; a table has it in its head. */
function OrderChoice<Row>({ columns, order, onOrder }: OrderProps<Row>) {
  const Direction = order.descending ? IconSortDescending : IconSortAscending;
  return (
    <div className={classes.order}>
      <NativeSelect
        aria-label={t('list.sort')}
        size="md"
        value={order.sort}
        onChange={(event) => onOrder({ sort: event.currentTarget.value })}
        data={columns
          .filter(({ value }) => value !== undefined)
          .map(({ id, label }) => ({ value: id, label: t('list.sortBy', { column: label }) }))}
      />
      <ActionIcon
        size={44}
        variant="default"
        aria-label={t(order.descending ? 'list.descending' : 'list.ascending')}
        onClick={() => onOrder({ descending: !order.descending })}
      >
        <Direction size={18} stroke={1.75} />
      </ActionIcon>
    </div>
  );
}
