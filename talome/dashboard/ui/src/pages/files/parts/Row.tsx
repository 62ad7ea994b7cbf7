import { IconDots } from '@tabler/icons-react';
import type { CSSProperties } from 'react';
import { Time } from '@/components/Time';
import { shownName } from '@/domain/files';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import { endDrag, type Drops, startDrag, useDrop } from '../drag';
import classes from '../Entries.module.css';
import { typeOf } from '../order';
import type { CellProps } from './cell';
import { Glyph } from './Glyph';
import { NameField } from './NameField';
import { useLongPress } from './useLongPress';

const NOWHERE: Drops = { onPaths: () => undefined, onFiles: () => undefined };

interface Props extends CellProps {
  style: CSSProperties;
  row: number;
  wide: boolean;
}

/** One entry of the list. */
export function Row(props: Props) {
  const { entry, id, chosen, at, cut, choosing, renaming, drops, dragged, style, row, wide } = props;
  const drop = useDrop(drops !== null && entry.kind === 'folder' ? entry.path : null, drops ?? NOWHERE);
  const press = useLongPress(props.onToggle);
  const name = shownName(entry.name);
  return (
    <div
      role="row"
      id={id}
      aria-rowindex={row}
      aria-selected={chosen}
      className={classes.row}
      style={style}
      data-at={at || undefined}
      data-cut={cut || undefined}
      data-choosing={choosing || undefined}
      onClick={props.onClick}
      onDoubleClick={props.onDoubleClick}
      onContextMenu={props.onContextMenu}
      {...press}
      {...drop}
    >
      <div role="gridcell" className={classes.nameCell}>
        <input
          type="checkbox"
          tabIndex={-1}
          className={classes.tick}
          checked={chosen}
          aria-label={t('files.select', { name })}
          onChange={props.onToggle}
          onClick={(event) => event.stopPropagation()}
          onDoubleClick={(event) => event.stopPropagation()}
        />
        <span
          className={classes.solid}
          data-solid
          draggable={drops !== null && !renaming}
          onDragStart={(event) => startDrag(event, dragged())}
          onDragEnd={endDrag}
        >
          <Glyph entry={entry} size={wide ? 22 : 36} />
          {renaming ? (
            <NameField entry={entry} onDone={(next) => props.onRenamed(entry, next)} />
          ) : (
            <span className={classes.words}>
              <span className={classes.name} title={name}>
                {name}
              </span>
              {!wide && (
                <span className={classes.below}>
                  {entry.sizeBytes !== null && entry.kind === 'file' && `${bytes(entry.sizeBytes)} · `}
                  <Time iso={entry.modifiedAt} />
                </span>
              )}
            </span>
          )}
        </span>
      </div>
      {wide && (
        <>
          <div role="gridcell" className={classes.figure}>
            {entry.kind === 'file' && entry.sizeBytes !== null ? bytes(entry.sizeBytes) : '–'}
          </div>
          <div role="gridcell" className={classes.fact}>
            {entry.kind === 'file' ? typeOf(entry.name).toUpperCase() || t('files.kind.file') : t(`files.kind.${entry.kind}`)}
          </div>
        </>
      )}
      <div role="gridcell" className={classes.end}>
        {wide && <Time iso={entry.modifiedAt} />}
        <button type="button" tabIndex={-1} className={classes.more} aria-label={t('files.menuOf', { name })} onClick={stopped(props.onMore)}>
          <IconDots size={18} stroke={1.75} aria-hidden />
        </button>
      </div>
    </div>
  );
}

/** For what lies on an entry and is not the entry. */
export const stopped = (handler: (event: React.MouseEvent) => void) => (event: React.MouseEvent) => {
  event.stopPropagation();
  handler(event);
};
