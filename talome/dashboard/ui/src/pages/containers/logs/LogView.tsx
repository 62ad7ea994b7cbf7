import { Button } from '@mantine/core';
import { IconArrowDown } from '@tabler/icons-react';
import { type MouseEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { t } from '@/i18n';
import type { Entry } from './buffer';
import { type Choice, isChosen } from './choice';
import { LogRow, MOST_DRAWN, type RowLook } from './LogRow';
import classes from './Logs.module.css';
import type { LogModel } from './model';
import { selectedText } from './selection';
import { timeColumns, type Times } from './time';
import { type Measure, ROW_PX } from './useMeasure';
import type { Position } from './usePosition';

interface Props {
  viewport: RefObject<HTMLDivElement | null>;
  model: LogModel;
  position: Position;
  measure: Measure;
  times: Times;
  wrap: boolean;
  /** Names of the containers, where there are several. */
  names: string[] | null;
  label: string;
  current: Entry | null;
  choice: Choice | null;
  onChoose: (entry: Entry, extend: boolean) => void;
}

const OVERSCAN = 4;
const NARROW_PX = 600;
/** Space in a row that is not text. */
const GUTTER_PX = 40;
const NAME_COLUMNS = 17;
const REFRESH_MS = 10_000;

/** The lines in view of a log that may hold a hundred thousand. */
export function LogView(props: Props) {
  const { viewport, model, position, measure, wrap, label, current, choice, onChoose } = props;
  const look = useLook(props);
  const { shown } = model;
  model.wrapAt(look.columns);

  const firstRow = Math.max(0, Math.floor(position.top / ROW_PX) - OVERSCAN);
  const endRow = Math.min(shown.rowCount, Math.ceil((position.top + measure.height) / ROW_PX) + OVERSCAN);
  const rows = [];
  const firstIndex = shown.indexAt(firstRow);
  const keyOf = useKeys(firstIndex, shown.indexAt(endRow));
  let longest = 0;
  for (let index = firstIndex; index < shown.lines.length && shown.startOf(index) < endRow; index += 1) {
    const entry = shown.lines[index];
    if (entry === undefined) break;
    const start = shown.startOf(index);
    const length = wrap ? shown.startOf(index + 1) - start : 1;
    const from = Math.max(0, firstRow - start);
    longest = Math.max(longest, Math.min(entry.plain?.length ?? 0, MOST_DRAWN));
    rows.push(
      <LogRow
        key={keyOf(index)}
        entry={entry}
        from={from}
        to={Math.min(length, endRow - start)}
        marks={model.search.marksOf(entry)}
        look={look}
        current={entry === current}
        chosen={choice !== null && isChosen(choice, index)}
      />,
    );
  }
  const onClick = (event: MouseEvent) => {
    const gutter = event.target instanceof Element && event.target.closest('[data-gutter]');
    const seq = Number(gutter && gutter.parentElement?.dataset.seq);
    const entry = gutter ? shown.lines.slice(shown.indexAt(firstRow), shown.indexAt(endRow) + 1).find((each) => each.seq === seq) : undefined;
    if (entry !== undefined) onChoose(entry, event.shiftKey);
  };
  return (
    <>
      <div
        ref={viewport}
        className={classes.viewport}
        role="log"
        aria-live="off"
        aria-label={label}
        tabIndex={0}
        onScroll={position.onScroll}
        onWheel={(event) => event.deltaY < 0 && event.currentTarget.scrollTop > 0 && position.stay()}
        onClick={onClick}
        onCopy={(event) => {
          const selection = document.getSelection();
          if (selection === null || selection.isCollapsed) return;
          event.clipboardData.setData('text/plain', selectedText(event.currentTarget, selection));
          event.preventDefault();
        }}
      >
        <div className={classes.canvas} style={{ height: shown.rowCount * ROW_PX, minWidth: wrap ? undefined : `${longest + 24}ch` }}>
          <div className={classes.window} data-wrap={wrap || undefined} style={{ top: firstRow * ROW_PX }}>
            {rows}
          </div>
        </div>
      </div>
      {!position.following && (
        <Button className={classes.pill} size="xs" radius="xl" leftSection={<IconArrowDown size={16} />} onClick={position.follow}>
          {position.fresh > 0 ? t('logs.newLines', { count: position.fresh }) : t('logs.follow')}
        </Button>
      )}
    </>
  );
}

/**
 * Keys of rows. A row keeps its key while it is in view; after a jump, the rows that were in view take the new lines
 * instead of being made anew.
 */
function useKeys(first: number, last: number): (index: number) => number {
  const seen = useRef({ first, last, base: 0 });
  const { first: before, last: until, base } = seen.current;
  const jumped = first > until || last < before;
  const next = jumped ? base + first - before : base;
  seen.current = { first, last, base: next };
  return (index) => index - next;
}

/** How rows look; the same object as long as nothing about it changes, so that rows need not be drawn anew. */
function useLook({ measure: { width, character }, times, wrap, names }: Props): RowLook {
  const short = width > 0 && width < NARROW_PX;
  const taken = timeColumns(times, short) + (names === null ? 0 : short ? 0 : NAME_COLUMNS);
  const columns = wrap && character > 0 ? Math.max(16, Math.floor((width - GUTTER_PX) / character) - taken) : Infinity;
  const tick = useTick(times === 'relative');
  const [look, setLook] = useState<RowLook>({ times, short, columns, names, tick });
  const next = { times, short, columns, names, tick };
  const same = Object.entries(next).every(([name, value]) => look[name as keyof RowLook] === value);
  if (same) return look;
  setLook(next);
  return next;
}

function useTick(wanted: boolean): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    if (!wanted) return;
    const timer = window.setInterval(() => setTick((count) => count + 1), REFRESH_MS);
    return () => window.clearInterval(timer);
  }, [wanted]);
  return tick;
}
