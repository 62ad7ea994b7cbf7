import { ActionIcon } from '@mantine/core';
import { IconArrowsDiagonal, IconArrowsDiagonalMinimize2, IconGripVertical, IconPencil, IconX } from '@tabler/icons-react';
import type { Place, Widget } from '@/api/types';
import { t } from '@/i18n';
import { Card } from '../cards';
import classes from './Arrange.module.css';
import type { useMoving } from './useMoving';

type Moving = ReturnType<typeof useMoving>;

interface Props {
  place: Place;
  widgets: Widget[];
  title: string;
  picked: boolean;
  held: boolean;
  onPointerDown: ReturnType<Moving['onPointerDown']>;
  handle: ReturnType<Moving['handle']>;
  onResize: (step: number) => void;
  onTakeOff: () => void;
  onEdit: (widget: Widget) => void;
}

/** A card with what is needed to arrange it; what is in the card rests meanwhile. */
export function CardFrame({ place, widgets, title, picked, held, onPointerDown, handle, onResize, onTakeOff, onEdit }: Props) {
  const own = widgets.find(({ id }) => id === place.id);
  const icon = { size: 16, stroke: 1.75, 'aria-hidden': true };
  return (
    <div
      className={classes.frame}
      data-card={place.id}
      data-size={place.size}
      data-picked={picked || undefined}
      data-held={held || undefined}
      onPointerDown={onPointerDown}
    >
      <div className={classes.tools}>
        <button type="button" className={classes.handle} aria-label={t('home.move', { title })} {...handle}>
          <IconGripVertical {...icon} />
          <bdi>{title}</bdi>
        </button>
        {own && (
          <ActionIcon size={32} aria-label={t('home.edit', { title })} onClick={() => onEdit(own)}>
            <IconPencil {...icon} />
          </ActionIcon>
        )}
        <ActionIcon size={32} aria-label={t('home.narrower', { title })} disabled={place.size === 'small'} onClick={() => onResize(-1)}>
          <IconArrowsDiagonalMinimize2 {...icon} />
        </ActionIcon>
        <ActionIcon size={32} aria-label={t('home.wider', { title })} disabled={place.size === 'full'} onClick={() => onResize(1)}>
          <IconArrowsDiagonal {...icon} />
        </ActionIcon>
        <ActionIcon size={32} aria-label={t('home.takeOff', { title })} onClick={onTakeOff}>
          <IconX {...icon} />
        </ActionIcon>
      </div>
      <div className={classes.content} inert data-empty={t('home.nothingNow')}>
        <Card place={place} widgets={widgets} />
      </div>
    </div>
  );
}
