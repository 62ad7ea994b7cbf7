import { memo } from 'react';
import { t } from '@/i18n';
import { exactTime } from '@/i18n/format';
import { stretches } from './ansi';
import { type Entry, levelIn, plainOf } from './buffer';
import { LEVEL_LETTERS } from './level';
import classes from './Logs.module.css';
import { type Piece, piecesOf } from './marks';
import { type Times, timeOf } from './time';
import { breaksOf } from './wrap';

/** More of a line than this is not drawn unless it is wrapped: nobody scrolls that far to the side. */
export const MOST_DRAWN = 4_000;
const NONE: number[] = [];
const LEVEL_NAMES = {
  error: t('logs.level.error'),
  warn: t('logs.level.warn'),
  info: t('logs.level.info'),
  debug: t('logs.level.debug'),
};

export interface RowLook {
  times: Times;
  short: boolean;
  columns: number;
  /** Names of the containers, where there are several. */
  names: string[] | null;
  /** Changes when relative times have to be said anew. */
  tick: number;
}

interface Props {
  entry: Entry;
  /** Which of its rows are drawn. */
  from: number;
  to: number;
  marks: number[] | null;
  look: RowLook;
  /** It is the match that was jumped to. */
  current: boolean;
  chosen: boolean;
}

/** One line of a log, or the rows of it that are in view, with its colours and what was found in it. */
export const LogRow = memo(function LogRow({ entry, from, to, marks, look, current, chosen }: Props) {
  const level = levelIn(entry);
  const plain = plainOf(entry);
  const wrapped = look.columns !== Infinity;
  const breaks = wrapped ? breaksOf(plain, look.columns) : NONE;
  const parts = stretches(entry.text);
  const rows: Piece[][] = [];
  for (let row = from; wrapped && row < to; row += 1) {
    rows.push(piecesOf(parts, marks ?? NONE, breaks[row] ?? 0, breaks[row + 1] ?? Infinity));
  }
  return (
    <div
      className={classes.row}
      data-seq={entry.seq}
      data-level={level ?? undefined}
      data-current={current || undefined}
      data-chosen={chosen || undefined}
    >
      <span className={classes.gutter} data-gutter title={level === null ? undefined : LEVEL_NAMES[level]}>
        {from === 0 && level !== null ? LEVEL_LETTERS[level] : ' '}
      </span>
      {look.times !== 'off' && (
        <time className={classes.time} data-times={look.times} data-short={look.short || undefined} title={exactTime(isoMs(entry.at))}>
          {from === 0 ? timeOf(entry.at, look.times, look.short) : ''}
        </time>
      )}
      {look.names !== null && (
        <span className={classes.source} data-hue={entry.source % 6} title={look.names[entry.source]}>
          {from === 0 ? look.names[entry.source] : ''}
        </span>
      )}
      <span className={classes.text} data-text={wrapped ? 'rows' : 'row'}>
        {!wrapped && piecesOf(parts, marks ?? NONE, 0, MOST_DRAWN).map(drawn)}
        {rows.map((pieces, index) => (
          <span key={index} className={classes.textRow}>
            {pieces.map(drawn)}
          </span>
        ))}
        {!wrapped && plain.length > MOST_DRAWN && (
          <span className={classes.more}>{t('logs.moreOfLine', { count: plain.length - MOST_DRAWN })}</span>
        )}
        {entry.cut && (!wrapped || to >= breaks.length) && <span className={classes.more}>{t('logs.cut')}</span>}
      </span>
    </div>
  );
});

const isoMs = (at: number) => new Date(at).toISOString();

function drawn(piece: Piece, key: number) {
  const { text, colour, ground, bold, faint, italic, underline, struck, marked } = piece;
  if (marked) {
    return (
      <mark key={key} className={classes.mark}>
        {text}
      </mark>
    );
  }
  if (colour === null && ground === null && !bold && !faint && !italic && !underline && !struck) return text;
  const look = [
    ground !== null ? classes[`g${ground % 8}`] : colour !== null && classes[`c${colour}`],
    faint && colour === null && ground === null && classes.faint,
    bold && classes.bold,
    italic && classes.italic,
    (underline || struck) && classes[underline ? 'underline' : 'struck'],
  ].filter(Boolean);
  return (
    <span key={key} className={look.join(' ')}>
      {text}
    </span>
  );
}
