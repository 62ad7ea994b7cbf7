import { ActionIcon, Skeleton, Tabs } from '@mantine/core';
import { IconMovie, IconTerminal2 } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useRef, useState } from 'react';
import { useMay } from '@/app/session';
import { useWide } from '@/app/useWide';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import { toast, toastError } from '@/components/toasts';
import { useStored } from '@/components/useStored';
import { t } from '@/i18n';
import { Keys } from './Keys';
import {
  closeTerminal, initialLook, KEY, listTerminals, type Look, openTerminal, recordTerminal, renameTerminal,
  type TerminalSession,
} from './model';
import { NewTerminal } from './NewTerminal';
import type { Handle } from './Screen';
import classes from './Terminal.module.css';

const Screen = lazy(() => import('./Screen'));
const Beside = lazy(() => import('./Beside'));
const ScreenMenu = lazy(() => import('./ScreenMenu'));
const Confirm = lazy(() => import('@/components/Confirm').then((it) => ({ default: it.Confirm })));
const Rename = lazy(() => import('./Rename'));
const Recordings = lazy(() => import('./Recordings'));
const REFRESH_MS = 15_000;

/** The terminals of this person, one or two at a time. The address names the one that is shown. */
export default function TerminalPage() {
  const mayHost = useMay('terminal:host');
  const { id } = useParams({ strict: false });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const list = useQuery({ queryKey: KEY, queryFn: listTerminals, refetchInterval: REFRESH_MS });
  const sessions = list.data ?? [];
  const shown = sessions.find((each) => each.id === id) ?? sessions[0];
  const show = (next: string | null) => void navigate({ to: next === null ? '/terminal' : `/terminal/${next}` });

  const opening = useMutation({
    mutationFn: openTerminal,
    onSuccess: (made) => {
      queries.setQueryData<TerminalSession[]>(KEY, (known) => [...(known ?? []), made]);
      show(made.id);
    },
    onError: (error) => toastError(t('terminal.openFailed'), error),
  });
  const [recorded, setRecorded] = useState(false);
  const head = (
    <PageHead
      title={t('terminal.title')}
      actions={
        <>
          <ActionIcon
            size={36}
            variant="default"
            aria-label={t('terminal.recordings')}
            title={t('terminal.recordings')}
            onClick={() => setRecorded(true)}
          >
            <IconMovie size={20} stroke={1.75} />
          </ActionIcon>
          <NewTerminal busy={opening.isPending} onOpen={(wanted) => opening.mutate(wanted)} />
        </>
      }
    />
  );
  if (list.isPending) return <Loading />;
  if (list.isError && list.data === undefined) {
    return (
      <>
        <PageHead title={t('terminal.title')} />
        <ErrorNotice what={t('terminal.listFailed')} error={list.error} onRetry={() => void list.refetch()} />
      </>
    );
  }
  return (
    <div className={classes.page}>
      {head}
      {shown === undefined ? (
        <EmptyState
          icon={<IconTerminal2 size={26} stroke={1.75} />}
          title={t('terminal.empty')}
          text={t(mayHost ? 'terminal.emptyText' : 'terminal.emptyMember')}
        />
      ) : (
        <Sessions sessions={sessions} shown={shown} onShow={show} refetch={() => list.refetch()} />
      )}
      {recorded && (
        <Suspense>
          <Recordings onClose={() => setRecorded(false)} />
        </Suspense>
      )}
    </div>
  );
}

interface Props {
  sessions: TerminalSession[];
  shown: TerminalSession;
  onShow: (id: string | null) => void;
  refetch: () => Promise<{ data?: TerminalSession[]; isError: boolean }>;
}

function Sessions({ sessions, shown, onShow, refetch }: Props) {
  const wide = useWide();
  const queries = useQueryClient();
  const handle = useRef<Handle>(null);
  const [look, changeLook] = useStored<Look>('terminal', initialLook);
  const [besideId, setBeside] = useState<string | null>(null);
  const others = sessions.filter((each) => each.id !== shown.id);
  const beside = wide ? others.find((each) => each.id === besideId) : undefined;
  const [asking, setAsking] = useState<'rename' | 'close' | null>(null);
  const forget = (id: string) => {
    queries.setQueryData<TerminalSession[]>(KEY, (known) => known?.filter((each) => each.id !== id));
    onShow(null);
  };
  const closing = useMutation({
    mutationFn: closeTerminal,
    onSuccess: (_, id) => forget(id),
    onError: (error) => toastError(t('terminal.closeFailed'), error),
    onSettled: () => setAsking(null),
  });
  const take = (changed: TerminalSession) =>
    queries.setQueryData<TerminalSession[]>(KEY, (known) => known?.map((each) => (each.id === changed.id ? changed : each)));
  const recording = useMutation({
    mutationFn: () => recordTerminal(shown.id, shown.recording === null),
    onSuccess: (changed) => {
      take(changed);
      if (changed.recording !== null) toast({ tone: 'info', title: t('terminal.recording'), text: changed.recording });
    },
    onError: (error) => toastError(t('terminal.recordFailed'), error),
  });
  const renaming = useMutation({
    mutationFn: (title: string) => renameTerminal(shown.id, title),
    onSuccess: take,
    onError: (error) => toastError(t('terminal.renameFailed'), error),
    onSettled: () => setAsking(null),
  });
  /** While the server cannot be asked, the terminal counts as there: shells outlive the server. */
  const isThere = async (id: string) => {
    const { data, isError } = await refetch();
    return isError || (data ?? []).some((each) => each.id === id);
  };
  /** What has ended is kept for a while for whoever comes back; removing the tab lets it go. */
  const remove = () => closeTerminal(shown.id).catch(() => undefined).then(() => forget(shown.id));
  return (
    <>
      <Tabs value={shown.id} onChange={onShow} keepMounted={false} className={classes.tabs} variant="default">
        <div className={classes.bar}>
          <Tabs.List className={classes.list} aria-label={t('terminal.tabs')}>
            {sessions.map((each) => (
              <Tabs.Tab key={each.id} value={each.id} className={classes.tab}>
                <span className={classes.name}>{each.title}</span>
                {!each.mine && <span className="dim"> {t('terminal.owner', { name: each.owner })}</span>}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Suspense fallback={<Skeleton width={38} height={38} />}>
            <ScreenMenu
              session={shown}
              look={look}
              onLook={changeLook}
              handle={handle}
              onSplit={wide && beside === undefined && others[0] ? () => setBeside(others[0]?.id ?? null) : null}
              onRecord={() => recording.mutate()}
              onRename={() => setAsking('rename')}
              onClose={() => (shown.exitCode === null ? setAsking('close') : closing.mutate(shown.id))}
            />
          </Suspense>
        </div>
        <Tabs.Panel value={shown.id} className={classes.panel}>
          <Suspense fallback={<Skeleton height="100%" radius={14} />}>
            <div className={classes.panes} data-split={beside !== undefined || undefined}>
              <Screen
                key={shown.id}
                session={shown}
                look={look}
                handle={handle}
                isThere={() => isThere(shown.id)}
                onTitle={() => void refetch()}
                onRemove={() => void remove()}
              />
              {beside !== undefined && (
                <Beside
                  choices={others}
                  session={beside}
                  look={look}
                  isThere={isThere}
                  onChoose={setBeside}
                  onTitle={() => void refetch()}
                />
              )}
            </div>
          </Suspense>
        </Tabs.Panel>
      </Tabs>
      {!wide && <Keys handle={handle} />}
      {asking === 'rename' && (
        <Suspense>
          <Rename
            title={shown.title}
            busy={renaming.isPending}
            onSave={(title) => renaming.mutate(title)}
            onClose={() => setAsking(null)}
          />
        </Suspense>
      )}
      {asking === 'close' && (
        <Suspense>
          <Confirm
            title={t('terminal.closeTitle', { title: shown.title })}
            confirmLabel={t('terminal.close')}
            dangerous
            busy={closing.isPending}
            onConfirm={() => closing.mutate(shown.id)}
            onClose={() => setAsking(null)}
          >
            {t('terminal.closeText')}
          </Confirm>
        </Suspense>
      )}
    </>
  );
}

function Loading() {
  return (
    <div role="status" aria-label={t('app.loading')}>
      <PageHead title={t('terminal.title')} />
      <Skeleton height={38} width={260} mb={16} />
      <Skeleton height={420} radius={14} />
    </div>
  );
}
