import { Checkbox } from '@mantine/core';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { t } from '@/i18n';
import type { DataListProps } from './DataList';
import type { Column, Order } from './dataList';
import classes from './DataList.module.css';

type Props<Row> = DataListProps<Row> & { onOrder: (order: Partial<Order>) => void };

/** The rows of a list on a wide screen. */
export function DataTable<Row>({ label, columns, rows, rowKey, actions, actionsWidth = 74, ticks, order, onOrder, stale }: Props<Row>) {
  const keys = rows.map(rowKey);
  const ticked = keys.filter((key) => ticks?.has(key)).length;
  return (
    <div className={classes.surface} data-stale={stale || undefined}>
      <table className={classes.table} aria-label={label}>
        <thead>
          <tr>
            {ticks && (
              <th className={classes.tick}>
                <Checkbox
                  size="xs"
                  aria-label={t('list.selectAll', { name: label })}
                  checked={ticked > 0 && ticked === keys.length}
                  indeterminate={ticked > 0 && ticked < keys.length}
                  onChange={(event) => ticks.set(keys, event.currentTarget.checked)}
                />
              </th>
            )}
            {columns.map((column) => (
              <Head key={column.id} column={column} order={order} onOrder={onOrder} />
            ))}
            {actions && (
              <th className={classes.menu} style={{ width: actionsWidth }}>
                <span className={classes.unseen}>{t('list.actions')}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const key = rowKey(row);
            return (
              <tr key={key} data-ticked={ticks?.has(key) || undefined}>
                {ticks && (
                  <td className={classes.tick}>
                    <Checkbox
                      size="xs"
                      aria-label={ticks.label(key)}
                      checked={ticks.has(key)}
                      onChange={(event) => ticks.set([key], event.currentTarget.checked)}
                    />
                  </td>
                )}
                {columns.map(({ id, end, show }, index) => {
                  const Cell = index === 0 ? 'th' : 'td';
                  return (
                    <Cell key={id} scope={index === 0 ? 'row' : undefined} className={end ? classes.end : undefined}>
                      {show(row)}
                    </Cell>
                  );
                })}
                {actions && (
                  <td className={classes.menu}>
                    <span className={classes.buttons}>{actions(row)}</span>
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

interface HeadProps<Row> {
  column: Column<Row>;
  order: Order;
  onOrder: (order: Partial<Order>) => void;
}

function Head<Row>({ column: { id, label, value, end, width }, order, onOrder }: HeadProps<Row>) {
  const place = { scope: 'col', className: end ? classes.end : undefined, style: width ? { width } : undefined };
  if (value === undefined) return <th {...place}>{label}</th>;
  const active = order.sort === id;
  const Icon = order.descending ? IconChevronDown : IconChevronUp;
  return (
    <th {...place} aria-sort={active ? (order.descending ? 'descending' : 'ascending') : undefined}>
      <button
        type="button"
        className={classes.sort}
        data-active={active || undefined}
        // Figures are looked at from the largest down, names from A.
        onClick={() => onOrder({ sort: id, descending: active ? !order.descending : end === true })}
      >
        {label}
        <Icon size={14} aria-hidden />
      </button>
    </th>
  );
}

/** The rows of a list on a phone. */
export function DataCards<Row>({ label, columns, rows, rowKey, actions, ticks, stale }: Props<Row>) {
  const [first, ...others] = columns;
  return (
    <ul className={classes.cards} aria-label={label} data-stale={stale || undefined}>
      {rows.map((row) => {
        const key = rowKey(row);
        return (
          <li key={key} className={classes.card} data-ticked={ticks?.has(key) || undefined}>
            <div className={classes.cardTop}>
              {ticks && (
                <Checkbox
                  size="md"
                  aria-label={ticks.label(key)}
                  checked={ticks.has(key)}
                  onChange={(event) => ticks.set([key], event.currentTarget.checked)}
                />
              )}
              <div className={classes.cardTitle}>{first?.show(row)}</div>
              {actions && <span className={classes.buttons}>{actions(row)}</span>}
            </div>
            <dl className={classes.facts}>
              {others
                .filter(({ wideOnly }) => !wideOnly)
                .map(({ id, label: name, show }) => (
                  <div key={id}>
                    <dt>{name}</dt>
                    <dd>{show(row)}</dd>
                  </div>
                ))}
            </dl>
          </li>
        );
      })}
    </ul>
  );
}
