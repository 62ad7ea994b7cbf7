import { IconDots } from '@tabler/icons-react';
import { shownName } from '@/domain/files';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import { endDrag, type Drops, startDrag, useDrop } from '../drag';
import classes from '../Entries.module.css';
import type { CellProps } from './cell';
import { Glyph } from './Glyph';
import { NameField } from './NameField';
import { stopped } from './Row';
import { useLongPress } from './useLongPress';

const NOWHERE: Drops = { onPaths: () => undefined, onFiles: () => undefined };

/** One entry of the grid. */
export function Tile(props: CellProps) {
  const { entry, id, chosen, at, cut, choosing, renaming, drops, dragged } = props;
  const drop = useDrop(drops !== null && entry.kind === 'folder' ? entry.path : null, drops ?? NOWHERE);
  const press = useLongPress(props.onToggle);
  const name = shownName(entry.name);
  return (
    <div
      role="gridcell"
      id={id}
      aria-selected={chosen}
      className={classes.tile}
      data-at={at || undefined}
      data-cut={cut || undefined}
      data-choosing={choosing || undefined}
      {...drop}
    >
      <div
        className={classes.tileCard}
        data-solid
        draggable={drops !== null && !renaming}
        onDragStart={(event) => startDrag(event, dragged())}
        onDragEnd={endDrag}
        onClick={props.onClick}
        onDoubleClick={props.onDoubleClick}
        onContextMenu={props.onContextMenu}
        {...press}
      >
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
        <button type="button" tabIndex={-1} className={classes.more} aria-label={t('files.menuOf', { name })} onClick={stopped(props.onMore)}>
          <IconDots size={18} stroke={1.75} aria-hidden />
        </button>
        <Glyph entry={entry} size={72} />
        {renaming ? (
          <NameField entry={entry} onDone={(next) => props.onRenamed(entry, next)} />
        ) : (
          <span className={classes.tileName} title={name}>
            {name}
          </span>
        )}
        <span className={classes.below}>
          {entry.kind === 'file' && entry.sizeBytes !== null ? bytes(entry.sizeBytes) : t(`files.kind.${entry.kind}`)}
        </span>
      </div>
    </div>
  );
}
