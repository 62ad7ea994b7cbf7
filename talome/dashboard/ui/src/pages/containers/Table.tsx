import { Checkbox } from '@mantine/core';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { useRef } from 'react';
import type { Container } from '@/api/types';
import { type PlainKey, t } from '@/i18n';
import classes from './Containers.module.css';
import { Fold } from './Fold';
import { Row } from './Row';
import type { Selection } from './useSelection';
import { useWindow, visible } from './useWindow';
import { type Column, type Group, startsDescending, type View } from './view';

export interface ListProps {
  groups: Group[];
  grouped: boolean;
  /** Projects whose containers are folded away. */
  folded: string[];
  onFold: (group: Group) => void;
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

const COLUMNS = 9;
const ROW_PX = 60;
const GROUP_PX = 40;
/** A list up to this length is drawn whole, so that the browser's own search finds everything. */
const ALWAYS_ALL = 120;

type Line = { container: Container } | { group: Group; closed: boolean };

function linesOf(group: Group, grouped: boolean, folded: string[]): Line[] {
  const closed = grouped && folded.includes(group.project ?? '');
  const rows: Line[] = closed ? [] : group.containers.map((container) => ({ container }));
  return grouped ? [{ group, closed }, ...rows] : rows;
}

const heightOf = (line: Line) => ('container' in line ? ROW_PX : GROUP_PX);

/** Stands for rows that are not on the screen. */
const Gap = ({ height }: { height: number }) =>
  height > 0 && (
    <tr className={classes.gap} aria-hidden>
      <td colSpan={COLUMNS} style={{ height }} />
    </tr>
  );

/** The containers on a wide screen. */
export function Table({ groups, grouped, folded, onFold, view, onView, selection }: ListProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  const all = groups.flatMap((group) => group.containers);
  const lines = groups.flatMap((group) => linesOf(group, grouped, folded));
  const [from, to] = useWindow(body, lines.length > ALWAYS_ALL);
  const { before, items, after } = visible(lines, heightOf, from, to);
  const ticked = all.filter(({ id }) => selection?.has(id)).length;
  return (
    <div className={classes.surface}>
      <table className={classes.table} aria-rowcount={lines.length + 1}>
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
        <tbody ref={body}>
          <Gap height={before} />
          {items.map((line) =>
            'container' in line ? (
              <Row
                key={line.container.id}
                container={line.container}
                ticked={selection?.has(line.container.id) ?? false}
                onTick={selection && ((on) => selection.set([line.container], on))}
              />
            ) : (
              <tr key={line.group.project ?? ''} className={classes.groupRow}>
                <th scope="colgroup" colSpan={COLUMNS}>
                  <Fold group={line.group} closed={line.closed} onFold={onFold} />
                </th>
              </tr>
            ),
          )}
          <Gap height={after} />
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
