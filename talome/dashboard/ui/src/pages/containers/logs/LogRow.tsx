import { memo } from 'react';
import { clockTimeSeconds, exactTime } from '@/i18n/format';
import { stretches } from './ansi';
import type { Entry } from './buffer';
import classes from './Logs.module.css';
import { markMatches, type Piece } from './search';

interface Props {
  entry: Entry;
  top: number;
  height: number;
  pattern: RegExp | null;
  timestamps: boolean;
  /** The match that was jumped to. */
  current: boolean;
}

/** One line of a log at its place, with its colours and what was found in it. */
export const LogRow = memo(function LogRow({ entry, top, height, pattern, timestamps, current }: Props) {
  return (
    <div
      className={classes.row}
      style={{ top, height }}
      data-level={entry.level ?? undefined}
      data-stderr={entry.error || undefined}
      data-current={current || undefined}
    >
      {timestamps && (
        <time className={classes.time} dateTime={entry.at} title={exactTime(entry.at)}>
          {clockTimeSeconds(Date.parse(entry.at))}
        </time>
      )}
      <span className={classes.text}>
        {markMatches(stretches(entry.text), pattern).map((piece, index) => (
          <Part key={index} piece={piece} />
        ))}
      </span>
    </div>
  );
});

function Part({ piece: { text, colour, bold, italic, underline, marked } }: { piece: Piece }) {
  const look = [
    colour !== null && classes[`c${colour}`],
    bold && classes.bold,
    italic && classes.italic,
    underline && classes.underline,
  ]
    .filter(Boolean)
    .join(' ');
  if (marked) return <mark className={classes.mark}>{text}</mark>;
  return look === '' ? text : <span className={look}>{text}</span>;
}
