import './texts';
import { ActionIcon, Button, Menu, Skeleton } from '@mantine/core';
import { IconAlertTriangle, IconBuildingStore, IconDots, IconPlus, IconRefresh } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { useMay } from '@/app/session';
import { BackLink } from '@/components/BackLink';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import { Time } from '@/components/Time';
import { toast, toastError } from '@/components/toasts';
import type { Store } from '@/domain/apps';
import { t } from '@/i18n';
import classes from './Sources.module.css';

const AddStore = lazy(() => import('./AddStore'));
const Problems = lazy(() => import('./Problems'));
const Confirm = lazy(() => import('@/components/Confirm').then((module) => ({ default: module.Confirm })));

type Open = { what: 'problems' | 'remove'; store: Store };
const WHILE_READ_MS = 1_500;

/** The sources of apps, in the order in which they count. `#add` asks for one more. */
export default function SourcesPage() {
  const mayChange = useMay('stores:write');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { hash } = useLocation();
  const [open, setOpen] = useState<Open | null>(null);
  const stores = useQuery({
    queryKey: ['stores'],
    queryFn: () => unwrap(api.GET('/api/stores')),
    refetchInterval: ({ state }) => (state.data?.some(({ jobId }) => jobId !== null) ? WHILE_READ_MS : false),
  });
  const show = (part: string) => void navigate({ to: '/store/-/sources', hash: part, replace: part === '' });
  const act = async (failed: string, done: string, send: () => Promise<unknown>) => {
    try {
      await send();
      toast({ tone: 'ok', title: done });
    } catch (error) {
      toastError(failed, error);
    } finally {
      void queries.invalidateQueries({ queryKey: ['stores'] });
      void queries.invalidateQueries({ queryKey: ['apps'] });
    }
  };
  const sync = (store?: Store) =>
    act(t('sources.syncFailed'), t('sources.syncStarted'), () =>
      store === undefined
        ? unwrap(api.POST('/api/stores/sync'))
        : unwrap(api.POST('/api/stores/{id}/sync', { params: { path: { id: store.id } } })),
    );
  const enable = ({ id, name, enabled }: Store) =>
    act(t('sources.changeFailed', { name }), t('sources.changed', { name }), () =>
      unwrap(api.PATCH('/api/stores/{id}', { params: { path: { id } }, body: { enabled: !enabled } })),
    );
  const remove = async ({ id, name }: Store) => {
    setOpen(null);
    await act(t('sources.removeFailed', { name }), t('sources.removed', { name }), () =>
      unwrap(api.DELETE('/api/stores/{id}', { params: { path: { id } } })),
    );
  };
  return (
    <>
      <BackLink to="/store">{t('sources.back')}</BackLink>
      <PageHead
        title={t('sources.title')}
        detail={t('sources.intro')}
        actions={
          mayChange && (
            <>
              <Button variant="default" leftSection={<IconRefresh size={18} stroke={1.75} />} onClick={() => void sync()}>
                {t('sources.syncAll')}
              </Button>
              <Button leftSection={<IconPlus size={18} stroke={1.75} />} onClick={() => show('add')}>
                {t('sources.add')}
              </Button>
            </>
          )
        }
      />
      {stores.error !== null && stores.data === undefined ? (
        <ErrorNotice what={t('sources.failed')} error={stores.error} onRetry={() => void stores.refetch()} />
      ) : stores.data === undefined ? (
        <Skeleton height={160} radius={14} />
      ) : stores.data.length === 0 ? (
        <EmptyState icon={<IconBuildingStore size={26} stroke={1.75} />} title={t('store.none')} text={t('store.noneText')} />
      ) : (
        <ul className={classes.list}>
          {stores.data.map((store) => (
            <Row
              key={store.id}
              store={store}
              mayChange={mayChange}
              onProblems={() => setOpen({ what: 'problems', store })}
              onRemove={() => setOpen({ what: 'remove', store })}
              onSync={() => void sync(store)}
              onEnable={() => void enable(store)}
            />
          ))}
        </ul>
      )}
      <Suspense>
        {mayChange && hash === 'add' && <AddStore onClose={() => show('')} />}
        {open?.what === 'problems' && <Problems store={open.store} onClose={() => setOpen(null)} />}
        {open?.what === 'remove' && (
          <Confirm
            title={t('sources.removeTitle', { name: open.store.name })}
            confirmLabel={t('sources.remove')}
            dangerous
            onConfirm={() => void remove(open.store)}
            onClose={() => setOpen(null)}
          >
            {t('sources.removeText')}
          </Confirm>
        )}
      </Suspense>
    </>
  );
}

interface RowProps {
  store: Store;
  mayChange: boolean;
  onProblems: () => void;
  onRemove: () => void;
  onSync: () => void;
  onEnable: () => void;
}

function Row({ store, mayChange, onProblems, onRemove, onSync, onEnable }: RowProps) {
  const { id, name, url, apps, problems, enabled, syncedAt, failure, bundled, jobId } = store;
  return (
    <li className={classes.store} data-off={!enabled || undefined}>
      <div className={classes.words}>
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <span className={classes.url}>{bundled ? t(id === 'yours' ? 'sources.yours' : 'sources.bundled') : url}</span>
        {failure !== null && (
          <span className={classes.failure}>
            <IconAlertTriangle size={16} stroke={1.75} aria-hidden />
            {t('sources.failure', { reason: failure })}
          </span>
        )}
      </div>
      <span className={`${classes.fact} num`}>
        {t('store.count', { count: apps })}
        {problems > 0 && (
          <button type="button" className={classes.problems} onClick={onProblems}>
            {t('sources.problems', { count: problems })}
          </button>
        )}
      </span>
      <span className={classes.fact}>
        {!enabled ? (
          t('sources.off')
        ) : jobId !== null ? (
          t('sources.syncing')
        ) : syncedAt === null ? (
          t('sources.never')
        ) : (
          <Time iso={syncedAt} />
        )}
      </span>
      {mayChange && (
        <Menu>
          <Menu.Target>
            <ActionIcon className={classes.menu} size={44} aria-label={t('sources.menu', { name })}>
              <IconDots size={18} stroke={1.75} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {enabled && <Menu.Item onClick={onSync}>{t('sources.sync')}</Menu.Item>}
            <Menu.Item onClick={onEnable}>{t(enabled ? 'sources.switchOff' : 'sources.switchOn')}</Menu.Item>
            {!bundled && (
              <>
                <Menu.Divider />
                <Menu.Item color="red" onClick={onRemove}>
                  {t('sources.remove')}
                </Menu.Item>
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
    </li>
  );
}
