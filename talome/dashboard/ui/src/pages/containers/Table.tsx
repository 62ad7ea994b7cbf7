import { Checkbox } from '@mantine/core';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { Fragment } from 'react';
import { type PlainKey, t } from '@/i18n';
import classes from './Containers.module.css';
import { Row } from './Row';
import type { Selection } from './useSelection';
import { type Column, type Group, startsDescending, type View } from './view';

export interface ListProps {
  groups: Group[];
  grouped: boolean;
  view: View;
  onView: (change: Partial<View>) => void;
  /** Null for someone who may only look. */
  selection: Selection | null;
}

interface Head {
  key: PlainKey;
  column?: Column;
  end?: boolean;
  width?: string;
}

const HEADS: Head[] = [
  { key: 'containers.name', column: 'name', width: classes.nameHead },
  { key: 'containers.state', column: 'state', width: classes.stateHead },
  { key: 'containers.ports' },
  { key: 'containers.cpu', column: 'cpu', end: true, width: classes.figureHead },
  { key: 'containers.memory', column: 'memory', end: true, width: classes.figureHead },
  { key: 'containers.network', column: 'network', end: true, width: classes.networkHead },
  { key: 'containers.since', column: 'since', end: true, width: classes.sinceHead },
];

/** The containers on a wide screen. */
export function Table({ groups, grouped, view, onView, selection }: ListProps) {
  const all = groups.flatMap((group) => group.containers);
  const ticked = all.filter(({ id }) => selection?.has(id)).length;
  return (
    <div className={classes.surface}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th className={classes.tick}>
              {selection && (
                <Checkbox
                  size="xs"
                  aria-label={t('containers.selectAll')}
                  checked={ticked > 0 && ticked === all.length}
                  indeterminate={ticked > 0 && ticked < all.length}
                  onChange={(event) => selection.set(all, event.currentTarget.checked)}
                />
              )}
            </th>
            {HEADS.map((head) => (
              <HeadCell key={head.key} head={head} view={view} onView={onView} />
            ))}
            <th className={classes.menuCell}>
              <span className={classes.unseen}>{t('containers.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <Fragment key={group.project ?? ''}>
              {grouped && (
                <tr className={classes.groupRow}>
                  <th scope="colgroup" colSpan={9}>
                    {group.project ?? t('containers.noProject')}
                    <span className={classes.groupCount}>{t('containers.count', { count: group.containers.length })}</span>
                  </th>
                </tr>
              )}
              {group.containers.map((container) => (
                <Row
                  key={container.id}
                  container={container}
                  ticked={selection?.has(container.id) ?? false}
                  onTick={selection && ((on) => selection.set([container], on))}
                />
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function HeadCell({ head: { key, column, end, width }, view, onView }: { head: Head } & Pick<ListProps, 'view' | 'onView'>) {
  if (column === undefined) return <th scope="col">{t(key)}</th>;
  const active = view.sort === column;
  const Icon = view.descending ? IconChevronDown : IconChevronUp;
  const order = active ? (view.descending ? 'descending' : 'ascending') : undefined;
  return (
    <th scope="col" aria-sort={order} className={[width, end && classes.end].filter(Boolean).join(' ')}>
      <button
        type="button"
        className={classes.sort}
        data-active={active || undefined}
        onClick={() => onView({ sort: column, descending: active ? !view.descending : startsDescending(column) })}
      >
        {t(key)}
        <Icon size={14} aria-hidden />
      </button>
    </th>
  );
}
