import './texts';
import { Button, Skeleton } from '@mantine/core';
import { IconApps, IconBuildingStore, IconDownload, IconRefresh } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { useMay } from '@/app/session';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import { toast, toastError } from '@/components/toasts';
import { type InstalledApp, useInstalled, useUpdateHour } from '@/domain/apps';
import { t } from '@/i18n';
import { hourOfDay } from '@/i18n/format';
import { concerns } from './actions';
import { AppTile } from './AppTile';
import classes from './Apps.module.css';
import { BulkBar } from './BulkBar';

const UpdateAll = lazy(() => import('./UpdateAll'));
const UpdateDialog = lazy(() => import('./detail/UpdateDialog'));
const Uninstall = lazy(() => import('./detail/Uninstall'));
const Found = lazy(() => import('./found/Found'));

type Open = { what: 'update' | 'uninstall'; app: InstalledApp } | { what: 'all'; apps: InstalledApp[] };

/** The apps of this machine. */
export default function AppsPage() {
  const mayChange = useMay('apps:write');
  const installed = useInstalled();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<Open | null>(null);
  const apps = installed.data;
  const tick = (id: string, on: boolean) => {
    const next = new Set(ticked);
    if (on) next.add(id);
    else next.delete(id);
    setTicked(next);
  };
  const newer = apps?.filter((app) => concerns('update', app)) ?? [];
  const hour = useUpdateHour();
  const chosen = apps?.filter(({ id }) => ticked.has(id)) ?? [];
  return (
    <>
      <PageHead
        title={t('apps.title')}
        detail={apps && apps.length > 0 ? summary(apps, hour) : undefined}
        actions={
          <>
            {mayChange && (apps?.length ?? 0) > 0 && <LookForUpdates />}
            {mayChange && newer.length > 0 && (
              <Button
                variant={newer.length > 1 ? 'filled' : 'default'}
                leftSection={<IconDownload size={18} stroke={1.75} />}
                onClick={() => setOpen({ what: 'all', apps: newer })}
              >
                {t('apps.updateAll')}
              </Button>
            )}
            {apps !== undefined && apps.length > 0 && (
              <Button
                leftSection={<IconBuildingStore size={18} stroke={1.75} />}
                renderRoot={(props) => <Link to="/store" {...props} />}
              >
                {t('store.title')}
              </Button>
            )}
          </>
        }
      />
      {installed.error !== null && apps === undefined ? (
        <ErrorNotice what={t('apps.failed')} error={installed.error} onRetry={() => void installed.refetch()} />
      ) : apps === undefined ? (
        <div className={classes.grid} role="status" aria-label={t('app.loading')}>
          {[0, 1, 2, 3, 4, 5].map((key) => (
            <Skeleton key={key} height={132} radius={16} />
          ))}
        </div>
      ) : apps.length === 0 ? (
        <EmptyState
          icon={<IconApps size={26} stroke={1.75} />}
          title={t('apps.empty')}
          text={t('apps.emptyText')}
          action={<Button renderRoot={(props) => <Link to="/store" {...props} />}>{t('apps.toStore')}</Button>}
        />
      ) : (
        <ul className={classes.grid}>
          {apps.map((app) => (
            <AppTile
              key={app.id}
              app={app}
              ticked={mayChange ? ticked.has(app.id) : null}
              onTick={(on) => tick(app.id, on)}
              onUpdate={() => setOpen({ what: 'update', app })}
              onUninstall={() => setOpen({ what: 'uninstall', app })}
            />
          ))}
        </ul>
      )}
      <Suspense>{mayChange && apps !== undefined && <Found />}</Suspense>
      <BulkBar chosen={chosen} onClear={() => setTicked(new Set())} />
      <Suspense>
        {open?.what === 'all' && <UpdateAll apps={open.apps} onClose={() => setOpen(null)} />}
        {open?.what === 'update' && <UpdateDialog app={open.app} onClose={() => setOpen(null)} />}
        {open?.what === 'uninstall' && <Uninstall app={open.app} onClose={() => setOpen(null)} />}
      </Suspense>
    </>
  );
}

function summary(apps: InstalledApp[], hour: number | null): string {
  const updates = apps.filter(({ update }) => update !== null).length;
  const alone = apps.filter(({ updatePolicy }) => updatePolicy === 'automatic').length;
  const atNight = hour === null ? t('apps.alone', { count: alone }) : t('apps.aloneAt', { count: alone, time: hourOfDay(hour) });
  return [
    t('apps.count', { count: apps.length }),
    updates > 0 ? t('apps.withUpdates', { count: updates }) : null,
    alone > 0 ? atNight : null,
  ]
    .filter(Boolean)
    .join(' · ');
}

function LookForUpdates() {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const look = async () => {
    setBusy(true);
    try {
      const found = await unwrap(api.GET('/api/apps/updates', { params: { query: { refresh: true } } }));
      await queries.invalidateQueries({ queryKey: ['apps', 'installed'] });
      toast({ tone: 'ok', title: found.length === 0 ? t('apps.allCurrent') : t('apps.checked', { count: found.length }) });
    } catch (error) {
      toastError(t('apps.checkFailed'), error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button variant="default" loading={busy} leftSection={<IconRefresh size={18} stroke={1.75} />} onClick={() => void look()}>
      {t('apps.checkUpdates')}
    </Button>
  );
}
