import './texts';
import { ActionIcon, Button, Menu, Skeleton } from '@mantine/core';
import { IconDots, IconPencilPlus, IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { useMay } from '@/app/session';
import { BackLink } from '@/components/BackLink';
import { AppPicture } from '@/components/AppPicture';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import { Time } from '@/components/Time';
import { toast, toastError } from '@/components/toasts';
import { addressInStore } from '@/domain/apps';
import { t } from '@/i18n';
import { addressOfOwn, NEW, useOwnApps, type UserApp } from './own';
import classes from './Own.module.css';

const Publish = lazy(() => import('./Publish'));
const Confirm = lazy(() => import('@/components/Confirm').then((module) => ({ default: module.Confirm })));

type Open = { what: 'publish' | 'remove'; app: UserApp };

/** The apps that people of this house wrote. */
export default function OwnAppsPage() {
  const mayChange = useMay('stores:write');
  const queries = useQueryClient();
  const own = useOwnApps();
  const [open, setOpen] = useState<Open | null>(null);
  const make = (
    <Button leftSection={<IconPlus size={18} stroke={1.75} />} renderRoot={(props) => <Link to={addressOfOwn(NEW)} {...props} />}>
      {t('own.make')}
    </Button>
  );
  const remove = async (app: UserApp) => {
    setOpen(null);
    try {
      await unwrap(api.DELETE('/api/user-apps/{id}', { params: { path: { id: app.id } } }));
      toast({ tone: 'ok', title: t('own.removed', { name: app.name }) });
    } catch (error) {
      toastError(t('own.removeFailed', { name: app.name }), error);
    } finally {
      void queries.invalidateQueries({ queryKey: ['apps'] });
    }
  };
  return (
    <>
      <BackLink to="/store">{t('store.title')}</BackLink>
      <PageHead title={t('own.title')} detail={t('own.intro')} actions={mayChange && (own.data?.length ?? 0) > 0 && make} />
      {own.error !== null && own.data === undefined ? (
        <ErrorNotice what={t('own.failed')} error={own.error} onRetry={() => void own.refetch()} />
      ) : own.data === undefined ? (
        <Skeleton height={160} radius={14} />
      ) : own.data.length === 0 ? (
        <EmptyState
          icon={<IconPencilPlus size={26} stroke={1.75} />}
          title={t('own.none')}
          text={t('own.noneText')}
          action={mayChange && make}
        />
      ) : (
        <ul className={classes.list}>
          {own.data.map((app) => (
            <Row key={app.id} app={app} mayChange={mayChange} onOpen={(what) => setOpen({ what, app })} />
          ))}
        </ul>
      )}
      <Suspense>
        {open?.what === 'publish' && <Publish app={open.app} onClose={() => setOpen(null)} />}
        {open?.what === 'remove' && (
          <Confirm
            title={t('own.removeTitle', { name: open.app.name })}
            confirmLabel={t('own.remove')}
            dangerous
            onConfirm={() => void remove(open.app)}
            onClose={() => setOpen(null)}
          >
            {t('own.removeText')}
          </Confirm>
        )}
      </Suspense>
    </>
  );
}

interface RowProps {
  app: UserApp;
  mayChange: boolean;
  onOpen: (what: Open['what']) => void;
}

function Row({ app, mayChange, onOpen }: RowProps) {
  const { name } = app;
  return (
    <li className={classes.row}>
      <AppPicture name={name} seed={app.id} src={app.app?.icon ?? null} size={44} />
      <div className={classes.words}>
        <Link to={addressOfOwn(app.id)}>
          <bdi>{name}</bdi>
        </Link>
        {app.problem === null ? (
          <p>{app.app?.tagline}</p>
        ) : (
          <p data-tone="warn">{t('own.broken', { reason: app.problem })}</p>
        )}
      </div>
      <span className={classes.fact}>
        {app.version} · <Time iso={app.changedAt} />
      </span>
      <Menu>
        <Menu.Target>
          <ActionIcon size={44} variant="subtle" color="gray" aria-label={t('own.menu', { name })}>
            <IconDots size={18} stroke={1.75} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item renderRoot={(props) => <Link to={addressOfOwn(app.id)} {...props} />}>{t('own.edit')}</Menu.Item>
          {app.app !== null && (
            <Menu.Item renderRoot={(props) => <Link to={addressInStore(`yours:${app.id}`)} {...props} />}>{t('own.toStore')}</Menu.Item>
          )}
          <Menu.Item component="a" href={`/api/user-apps/${app.id}/export`} download={`${app.id}.zip`}>
            {t('own.export')}
          </Menu.Item>
          {mayChange && (
            <>
              <Menu.Item onClick={() => onOpen('publish')}>{t('own.publish')}</Menu.Item>
              <Menu.Divider />
              <Menu.Item color="red" onClick={() => onOpen('remove')}>
                {t('own.remove')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}
