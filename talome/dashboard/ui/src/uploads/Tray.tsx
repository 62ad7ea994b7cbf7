import './texts';
import { ActionIcon, Button, Progress } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCheck,
  IconChevronDown,
  IconChevronUp,
  IconFile,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconX,
} from '@tabler/icons-react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useWide } from '@/app/useWide';
import { toast } from '@/components/toasts';
import { nameOf, shownName } from '@/domain/files';
import { t } from '@/i18n';
import { bytes, bytesPerSecond, duration } from '@/i18n/format';
import { uploads } from './queue';
import classes from './Tray.module.css';
import { inOrder, isGoing, type OnConflict, type Totals, totals, type Upload } from './upload';

const MOST_SHOWN = 40;

/** The uploads of this tab, wherever in the dashboard one is. */
export default function Tray({ user }: { user: string }) {
  useEffect(() => uploads.openFor(user), [user]);
  const list = useSyncExternalStore(uploads.listen, uploads.all);
  const wide = useWide();
  // A telephone has little room: there it says how far it is, and shows more when somebody is needed.
  const [folded, setFolded] = useState(!wide);
  const tray = useRef<HTMLElement>(null);
  useRoomForToasts(tray, list.length > 0);
  const sums = totals(list);
  useStayWhileSending(sums.going > 0);
  useEffect(() => {
    if (sums.stuck > 0) setFolded(false);
  }, [sums.stuck]);
  if (list.length === 0) return null;
  const paused = list.some(({ state }) => state === 'paused');
  const open = sums.going > 0 || sums.stuck > 0 || paused;
  const Fold = folded ? IconChevronUp : IconChevronDown;
  return (
    <section ref={tray} className={classes.tray} aria-label={t('uploads.title')}>
      <header className={classes.head}>
        <div className={classes.words} aria-live="polite">
          <strong>{headline(sums, paused)}</strong>
          <span>{detail(sums)}</span>
        </div>
        {(sums.going > 0 || paused) && (
          <ActionIcon
            aria-label={t(sums.going > 0 ? 'uploads.pauseAll' : 'uploads.resumeAll')}
            onClick={() => (sums.going > 0 ? uploads.pauseAll() : uploads.resumeAll())}
          >
            {sums.going > 0 ? <IconPlayerPause size={18} stroke={1.75} /> : <IconPlayerPlay size={18} stroke={1.75} />}
          </ActionIcon>
        )}
        <ActionIcon aria-label={t(folded ? 'uploads.unfold' : 'uploads.fold')} aria-expanded={!folded} onClick={() => setFolded(!folded)}>
          <Fold size={18} stroke={1.75} />
        </ActionIcon>
        {!open && (
          <ActionIcon aria-label={t('action.dismiss')} onClick={() => uploads.clear()}>
            <IconX size={18} stroke={1.75} />
          </ActionIcon>
        )}
      </header>
      {sums.bytes > 0 && open && <Progress size={4} radius={0} value={(100 * sums.sent) / sums.bytes} aria-label={t('uploads.title')} transitionDuration={160} />}
      {!folded && <List list={list} />}
    </section>
  );
}

function List({ list }: { list: readonly Upload[] }) {
  const conflicts = list.filter(({ state }) => state === 'conflict').length;
  const lost = list.filter(({ state }) => state === 'lost').length;
  const shown = inOrder(list).slice(0, MOST_SHOWN);
  return (
    <>
      {lost > 0 && <ChooseAgain count={lost} />}
      <ul className={classes.list}>
        {shown.map((upload) => (
          <Row key={upload.id} upload={upload} more={conflicts > 1} />
        ))}
        {list.length > shown.length && <li className={classes.rest}>{t('uploads.more', { count: list.length - shown.length })}</li>}
      </ul>
    </>
  );
}

function headline({ going, stuck, done, files }: Totals, paused: boolean): string {
  if (going > 0) return t('uploads.going', { count: files - done });
  if (stuck > 0) return t('uploads.stuck', { count: stuck });
  return paused ? t('uploads.paused') : t('uploads.done', { count: done });
}

function detail({ going, bytes: all, sent }: Totals): string {
  const sizes = t('uploads.of', { sent: bytes(Math.min(sent, all)), all: bytes(all) });
  const rate = going > 0 ? uploads.rate() : null;
  if (rate === null || rate <= 0) return sizes;
  return [sizes, bytesPerSecond(rate), t('uploads.left', { time: duration(Math.max(1, (all - sent) / rate)) })].join(' · ');
}

/** After the page was loaded again a browser no longer has the files; the person does. */
function ChooseAgain({ count }: { count: number }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className={classes.again}>
      <p>{t('uploads.lost', { count })}</p>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={t('uploads.choose')}
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          if (files.length > 0 && uploads.again(files) === 0) toast({ tone: 'info', title: t('uploads.notThose'), text: t('uploads.notThoseText') });
          event.currentTarget.value = '';
        }}
      />
      <Button size="xs" onClick={() => input.current?.click()}>
        {t('uploads.choose')}
      </Button>
    </div>
  );
}

function Row({ upload, more }: { upload: Upload; more: boolean }) {
  const { id, name, size, sent, state, reason } = upload;
  const shown = shownName(name);
  const Icon = state === 'done' ? IconCheck : ['conflict', 'failed', 'lost'].includes(state) ? IconAlertTriangle : IconFile;
  return (
    <li className={classes.row} data-state={state}>
      <Icon size={18} stroke={1.75} aria-hidden />
      <div className={classes.words}>
        <span className={classes.name} title={shown}>
          {shown}
        </span>
        <span className={classes.state}>{stateOf(upload)}</span>
        {(state === 'sending' || state === 'paused') && size > 0 && <Progress size={3} mt={4} value={(100 * sent) / size} aria-label={shown} transitionDuration={160} />}
        {state === 'failed' && reason !== null && <p className={classes.reason}>{reason}</p>}
        {state === 'conflict' && <Answers id={id} name={shown} more={more} />}
      </div>
      {isGoing(upload) && (
        <ActionIcon size={28} aria-label={t('uploads.pauseOf', { name: shown })} onClick={() => uploads.pause(id)}>
          <IconPlayerPause size={16} stroke={1.75} />
        </ActionIcon>
      )}
      {(state === 'paused' || state === 'failed') && (
        <ActionIcon size={28} aria-label={t(state === 'paused' ? 'uploads.resumeOf' : 'uploads.againOf', { name: shown })} onClick={() => uploads.resume(id)}>
          {state === 'paused' ? <IconPlayerPlay size={16} stroke={1.75} /> : <IconRefresh size={16} stroke={1.75} />}
        </ActionIcon>
      )}
      {state !== 'done' && state !== 'skipped' && (
        <ActionIcon size={28} aria-label={t('uploads.cancelOf', { name: shown })} onClick={() => uploads.cancel(id)}>
          <IconX size={16} stroke={1.75} />
        </ActionIcon>
      )}
    </li>
  );
}

function stateOf({ state, size, sent, place, folder }: Upload): string {
  if (state === 'sending' || state === 'paused' || state === 'lost') {
    return [t(`uploads.state.${state}`), t('uploads.of', { sent: bytes(sent), all: bytes(size) })].join(' · ');
  }
  return state === 'done' ? t('uploads.in', { folder: folder === '' ? place : shownName(nameOf(folder)) }) : t(`uploads.state.${state}`);
}

const ANSWERS = [
  ['keep_both', 'uploads.keepBoth'],
  ['replace', 'uploads.replace'],
  ['skip', 'uploads.skip'],
] as const;

/** A name that is taken: what is to become of it, once or for all. */
function Answers({ id, name, more }: { id: string; name: string; more: boolean }) {
  const [all, setAll] = useState(false);
  return (
    <div className={classes.answers} role="group" aria-label={t('uploads.takenOf', { name })}>
      {ANSWERS.map(([answer, label]) => (
        <Button key={answer} size="compact-xs" variant="light" onClick={() => uploads.answer(id, answer satisfies OnConflict, all)}>
          {t(label)}
        </Button>
      ))}
      {more && (
        <label>
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} /> {t('uploads.all')}
        </label>
      )}
    </div>
  );
}

/** Closing the tab would stop what is being sent, so the browser asks first. */
function useStayWhileSending(sending: boolean) {
  useEffect(() => {
    if (!sending) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [sending]);
}

/** Messages stand above the tray, not on it. */
function useRoomForToasts(tray: React.RefObject<HTMLElement | null>, shown: boolean) {
  useEffect(() => {
    const element = tray.current;
    if (element === null) return;
    const { style, dataset } = document.documentElement;
    const observer = new ResizeObserver(() => style.setProperty('--tray', `${element.offsetHeight + 8}px`));
    dataset.tray = 'shown';
    observer.observe(element);
    return () => {
      observer.disconnect();
      style.removeProperty('--tray');
      delete dataset.tray;
    };
  }, [tray, shown]);
}
