import { Button } from '@mantine/core';
import { IconArrowDown } from '@tabler/icons-react';
import { type Ref, useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react';
import { t } from '@/i18n';
import type { Entry } from './buffer';
import { LogRow } from './LogRow';
import classes from './Logs.module.css';
import type { LogModel } from './model';
import type { LogSettings } from './settings';
import { useColumns } from './useColumns';

export interface LogViewHandle {
  /** Stops following and brings a line to the middle. */
  show: (seq: number) => void;
}

interface Props {
  ref?: Ref<LogViewHandle>;
  model: LogModel;
  settings: LogSettings;
  label: string;
}

const ROW_PX = 20;
const OVERSCAN = 12;
/** So close to the end counts as the end. */
const NEAR_END_PX = ROW_PX;

/**
 * The lines in view of a log that may hold tens of thousands. It follows the end until the reader scrolls up; from then on
 * it stays where it is, whatever arrives below or goes above.
 */
export function LogView({ ref, model, settings, label }: Props) {
  const viewport = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [height, setHeight] = useState(600);
  const [following, setFollowing] = useState(true);
  const [shown, setShown] = useState<number | null>(null);
  const readUpTo = useRef(-1);
  const { buffer } = model;
  const columns = useColumns(viewport, settings);
  /** The line at the top while the lines are broken anew: it stays there. */
  const anchor = useRef<Entry | undefined>(undefined);
  if (columns !== buffer.columns) {
    anchor.current = buffer.entries[buffer.indexAtRow(Math.floor(scrollTop / ROW_PX))];
    buffer.wrapAt(columns);
  }

  const pause = useCallback(() => {
    setFollowing((on) => {
      if (on) readUpTo.current = buffer.lastSeq;
      return false;
    });
  }, [buffer]);

  const onScroll = () => {
    const element = viewport.current;
    if (element === null) return;
    setScrollTop(element.scrollTop);
    if (element.scrollTop + element.clientHeight >= element.scrollHeight - NEAR_END_PX) setFollowing(true);
    else pause();
  };

  useEffect(() => {
    const element = viewport.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // Lines that fall out above must not move what is being read.
  const firstRow = useRef(buffer.firstRow);
  useLayoutEffect(() => {
    const element = viewport.current;
    const gone = buffer.firstRow - firstRow.current;
    firstRow.current = buffer.firstRow;
    if (element === null) return;
    if (following) element.scrollTop = element.scrollHeight;
    else if (anchor.current) element.scrollTop = (anchor.current.top - buffer.firstRow) * ROW_PX;
    else if (gone > 0) element.scrollTop -= gone * ROW_PX;
    anchor.current = undefined;
  });

  useImperativeHandle(ref, () => ({
    show: (seq) => {
      const entry = buffer.find(seq);
      const element = viewport.current;
      if (entry === undefined || element === null) return;
      pause();
      setShown(seq);
      element.scrollTop = (entry.top - buffer.firstRow) * ROW_PX - element.clientHeight / 2;
    },
  }));

  const first = Math.max(0, buffer.indexAtRow(Math.floor(scrollTop / ROW_PX)) - OVERSCAN);
  const last = buffer.indexAtRow(Math.ceil((scrollTop + height) / ROW_PX)) + OVERSCAN;
  const fresh = following ? 0 : buffer.lastSeq - readUpTo.current;
  return (
    <>
      <div
        ref={viewport}
        className={classes.viewport}
        role="log"
        aria-live="off"
        aria-label={label}
        tabIndex={0}
        onScroll={onScroll}
        onWheel={(event) => event.deltaY < 0 && pause()}
      >
        <div className={classes.canvas} style={{ height: buffer.rowCount * ROW_PX }} data-wrap={settings.wrap || undefined}>
          {buffer.entries.slice(first, last + 1).map((entry) => (
            <LogRow
              key={entry.seq}
              entry={entry}
              top={(entry.top - buffer.firstRow) * ROW_PX}
              height={entry.rows * ROW_PX}
              pattern={model.pattern}
              timestamps={settings.timestamps}
              current={entry.seq === shown}
            />
          ))}
        </div>
      </div>
      {!following && (
        <Button
          className={classes.pill}
          size="xs"
          radius="xl"
          leftSection={<IconArrowDown size={16} />}
          onClick={() => setFollowing(true)}
        >
          {fresh > 0 ? t('logs.newLines', { count: fresh }) : t('logs.follow')}
        </Button>
      )}
    </>
  );
}
