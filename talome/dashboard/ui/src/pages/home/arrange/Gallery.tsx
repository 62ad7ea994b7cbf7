import { ActionIcon, Modal } from '@mantine/core';
import {
  IconChartLine,
  IconGauge,
  IconLink,
  IconList,
  IconNote,
  IconNumber123,
  IconPlus,
  IconTrash,
  type TablerIcon,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { Board, Place, Widget, WidgetManifest } from '@/api/types';
import { useUser } from '@/app/session';
import { toast, toastError } from '@/components/toasts';
import { type PlainKey, t } from '@/i18n';
import { mayShow, titleOfCard } from '../cards';
import { BOARD } from '../useBoard';
import classes from './Arrange.module.css';
import { changed } from './order';
import { WidgetForm } from './WidgetForm';

type Kind = WidgetManifest['kind'];

const KINDS: [Kind, TablerIcon, PlainKey, PlainKey][] = [
  ['stat', IconNumber123, 'home.kindStat', 'home.kindStatText'],
  ['gauge', IconGauge, 'home.kindGauge', 'home.kindGaugeText'],
  ['chart', IconChartLine, 'home.kindChart', 'home.kindChartText'],
  ['list', IconList, 'home.kindList', 'home.kindListText'],
  ['links', IconLink, 'home.kindLinks', 'home.kindLinksText'],
  ['text', IconNote, 'home.kindText', 'home.kindTextText'],
];

interface Props {
  board: Board;
  /** The widget whose form is shown at once. */
  edited: Widget | null;
  arrange: (places: Place[]) => Promise<void>;
  onClose: () => void;
}

/** What can be put on the page: cards that are not on it, and new ones of six kinds. */
export function Gallery({ board, edited, arrange, onClose }: Props) {
  const [kind, setKind] = useState<Kind | null>(edited?.manifest.kind ?? null);
  const title = kind === null ? t('home.gallery') : edited ? t('home.edit', { title: edited.manifest.title }) : kindTitle(kind);
  return (
    <Modal opened onClose={onClose} title={title} size="lg" closeButtonProps={{ 'aria-label': t('action.close') }}>
      {kind === null ? (
        <>
          <Hidden board={board} arrange={arrange} />
          <h3 className={classes.groupTitle}>{t('home.galleryNew')}</h3>
          <ul className={classes.choices}>
            {KINDS.map(([each, Icon, name, text]) => (
              <li key={each} className={classes.choice}>
                <button type="button" className={classes.pick} onClick={() => setKind(each)}>
                  <Icon size={20} stroke={1.75} aria-hidden />
                  <span>
                    <strong>{t(name)}</strong>
                    <small>{t(text)}</small>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <WidgetForm kind={kind} widget={edited} onSaved={onClose} onBack={edited ? onClose : () => setKind(null)} />
      )}
    </Modal>
  );
}

const kindTitle = (kind: Kind): string => {
  const found = KINDS.find(([each]) => each === kind);
  return found ? t(found[2]) : kind;
};

/** Cards that were taken off the page. One's own can be deleted for good. */
function Hidden({ board, arrange }: Pick<Props, 'board' | 'arrange'>) {
  const user = useUser();
  const queries = useQueryClient();
  const hidden = board.places.filter((place) => !place.shown && mayShow(place.id, user));
  if (hidden.length === 0) return null;
  const remove = async (widget: Widget) => {
    const { title } = widget.manifest;
    const restore = () => {
      unwrap(api.POST('/api/widgets', { body: { manifest: widget.manifest } })).then(
        () => queries.invalidateQueries({ queryKey: BOARD }),
        (error: unknown) => toastError(t('home.widgetNotSaved'), error),
      );
    };
    try {
      await unwrap(api.DELETE('/api/widgets/{id}', { params: { path: { id: widget.id } } }));
      await queries.invalidateQueries({ queryKey: BOARD });
      toast({ tone: 'info', title: t('home.deleted', { title }), action: { label: t('action.undo'), run: restore } });
    } catch (error) {
      toastError(t('home.notDeleted', { title }), error);
    }
  };
  return (
    <>
      <h3 className={classes.groupTitle}>{t('home.galleryHidden')}</h3>
      <ul className={classes.choices}>
        {hidden.map(({ id }) => {
          const title = titleOfCard(id, board.widgets);
          const own = board.widgets.find((widget) => widget.id === id);
          return (
            <li key={id} className={classes.choice}>
              <button
                type="button"
                className={classes.pick}
                aria-label={t('home.putOn', { title })}
                onClick={() => void arrange(changed(board.places, id, { shown: true }))}
              >
                <IconPlus size={20} stroke={1.75} aria-hidden />
                <strong>{title}</strong>
              </button>
              {own && (
                <ActionIcon size={36} aria-label={t('home.deleteWidget', { title })} onClick={() => void remove(own)}>
                  <IconTrash size={18} stroke={1.75} />
                </ActionIcon>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}
