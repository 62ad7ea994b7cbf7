import { Button, VisuallyHidden } from '@mantine/core';
import { IconPlus, IconRotate2 } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import type { Board, Place, Widget } from '@/api/types';
import { useUser } from '@/app/session';
import { toast } from '@/components/toasts';
import { t } from '@/i18n';
import { mayShow, titleOfCard } from '../cards';
import { useArrange } from '../useBoard';
import classes from './Arrange.module.css';
import { CardFrame } from './CardFrame';
import { Gallery } from './Gallery';
import { changed, SIZES } from './order';
import { type Told, useMoving } from './useMoving';

const SIZE_WORDS = { small: 'home.sizeSmall', wide: 'home.sizeWide', full: 'home.sizeFull' } as const;

interface Props {
  board: Board;
  onDone: () => void;
}

/** Home while it is arranged: every card can be moved, made wider, taken off; others can be put on. Each step is kept. */
export default function ArrangeMode({ board, onDone }: Props) {
  const user = useUser();
  const arrange = useArrange();
  const before = useRef(board);
  const [told, setTold] = useState('');
  const [gallery, setGallery] = useState<Widget | 'open' | null>(null);
  const { places, widgets } = board;
  const title = (id: string) => titleOfCard(id, widgets);
  const visible = places.filter((place) => place.shown && mayShow(place.id, user));
  const tell = (what: Told, id: string, place: number) =>
    setTold(t(`home.${what}`, { title: title(id), place, count: visible.length }));
  const { grid, shown, picked, held, onPointerDown, handle } = useMoving({
    places,
    visible,
    onDrop: (next) => void arrange(next),
    onTell: tell,
  });
  const undoTo = (old: Board) => ({ label: t('action.undo'), run: () => void arrange(old.arranged ? old.places : []) });

  const resize = (place: Place, step: number) => {
    const size = SIZES[SIZES.indexOf(place.size) + step];
    if (size === undefined) return;
    void arrange(changed(places, place.id, { size }));
    setTold(t('home.resized', { title: title(place.id), size: t(SIZE_WORDS[size]) }));
  };
  const takeOff = (place: Place) => {
    void arrange(changed(places, place.id, { shown: false }));
    toast({ tone: 'info', title: t('home.tookOff', { title: title(place.id) }), action: undoTo(board) });
  };
  const reset = () => {
    void arrange([]);
    toast({ tone: 'info', title: t('home.wasReset'), action: undoTo(board) });
  };
  const done = () => {
    if (JSON.stringify(before.current.places) !== JSON.stringify(places)) {
      toast({ tone: 'ok', title: t('home.arranged'), action: undoTo(before.current) });
    }
    onDone();
  };
  return (
    <section aria-labelledby="arrange-title">
      <div className={classes.bar}>
        <div className={classes.words}>
          <h2 id="arrange-title">{t('home.arrangeTitle')}</h2>
          <p>{t('home.arrangeText')}</p>
        </div>
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setGallery('open')}>
          {t('home.addCard')}
        </Button>
        <Button variant="default" leftSection={<IconRotate2 size={16} />} disabled={!board.arranged} onClick={reset}>
          {t('home.resetBoard')}
        </Button>
        <Button onClick={done}>{t('home.arrangeDone')}</Button>
      </div>
      <VisuallyHidden role="status">{told}</VisuallyHidden>
      <div className={classes.grid} ref={grid}>
        {shown.map((place) => (
          <CardFrame
            key={place.id}
            place={place}
            widgets={widgets}
            title={title(place.id)}
            picked={picked === place.id}
            held={held === place.id}
            onPointerDown={onPointerDown(place.id)}
            handle={handle(place.id)}
            onResize={(step) => resize(place, step)}
            onTakeOff={() => takeOff(place)}
            onEdit={setGallery}
          />
        ))}
      </div>
      {gallery !== null && (
        <Gallery board={board} edited={gallery === 'open' ? null : gallery} arrange={arrange} onClose={() => setGallery(null)} />
      )}
    </section>
  );
}
