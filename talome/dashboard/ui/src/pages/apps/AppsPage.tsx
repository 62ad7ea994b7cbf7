import './texts';
import { Button, Skeleton } from '@mantine/core';
import { IconApps, IconBuildingStore, IconRefresh } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { useMay } from '@/app/session';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import { toast, toastError } from '@/components/toasts';
import { type InstalledApp, useInstalled } from '@/domain/apps';
import { t } from '@/i18n';
import { AppTile } from './AppTile';
import classes from './Apps.module.css';
import { BulkBar } from './BulkBar';

const UpdateDialog = lazy(() => import('./detail/UpdateDialog'));
const Uninstall = lazy(() => import('./detail/Uninstall'));

type Open = { what: 'update' | 'uninstall'; app: InstalledApp };

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
  const chosen = apps?.filter(({ id }) => ticked.has(id)) ?? [];
  return (
    <>
      <PageHead
        title={t('apps.title')}
        detail={apps && apps.length > 0 ? summary(apps) : undefined}
        actions={
          <>
            {mayChange && (apps?.length ?? 0) > 0 && <LookForUpdates />}
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
      <BulkBar chosen={chosen} onClear={() => setTicked(new Set())} />
      <Suspense>
        {open?.what === 'update' && <UpdateDialog app={open.app} onClose={() => setOpen(null)} />}
        {open?.what === 'uninstall' && <Uninstall app={open.app} onClose={() => setOpen(null)} />}
      </Suspense>
    </>
  );
}

function summary(apps: InstalledApp[]): string {
  const updates = apps.filter(({ update }) => update !== null).length;
  return [t('apps.count', { count: apps.length }), updates > 0 ? t('apps.withUpdates', { count: updates }) : null]
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
