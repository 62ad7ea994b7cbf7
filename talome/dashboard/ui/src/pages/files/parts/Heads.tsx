import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { type PlainKey, t } from '@/i18n';
import classes from '../Entries.module.css';
import type { Order, Sort } from '../order';

const HEADS: [Sort, PlainKey][] = [
  ['name', 'files.name'],
  ['size', 'files.size'],
  ['type', 'files.type'],
  ['modified', 'files.modified'],
];

/** Figures are looked at from the largest down, names from A. */
export const startsDescending = (sort: Sort): boolean => sort === 'size' || sort === 'modified';

export const SORTS = HEADS;

interface Props {
  order: Order;
  onOrder: (order: Order) => void;
}

/** What the columns of the list are, and the order that they put it in. */
export function Heads({ order, onOrder }: Props) {
  const Icon = order.descending ? IconChevronDown : IconChevronUp;
  return (
    <div role="rowgroup" className={classes.heads}>
      <div role="row" aria-rowindex={1} className={classes.head}>
        {HEADS.map(([sort, key]) => {
          const active = order.sort === sort;
          return (
            <div
              key={sort}
              role="columnheader"
              data-column={sort}
              aria-sort={active ? (order.descending ? 'descending' : 'ascending') : 'none'}
            >
              <button
                type="button"
                data-active={active || undefined}
                onClick={() => onOrder({ sort, descending: active ? !order.descending : startsDescending(sort) })}
              >
                {t(key)}
                <Icon size={14} aria-hidden />
              </button>
            </div>
          );
        })}
      </div>
    </div>
  );
}
