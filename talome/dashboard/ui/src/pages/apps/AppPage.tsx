import './texts';
import { Button, Skeleton, Tabs } from '@mantine/core';
import { IconArrowUpRight, IconFileText, IconPackageOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { api, unwrap } from '@/api/client';
import { useMay } from '@/app/session';
import { AppPicture } from '@/components/AppPicture';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import { StateBadge } from '@/components/StateBadge';
import { addressOfApp, type AppSettings, iconOfApp, type InstalledApp, pageOfApp, stateOfApp, useInstalled } from '@/domain/apps';
import { actionsFor } from '@/domain/appPower';
import { t } from '@/i18n';
import { power } from './actions';
import classes from './detail/App.module.css';
import { Overview } from './detail/Overview';
import { AppJob } from './parts/AppJob';

const SettingsTab = lazy(() => import('./detail/SettingsTab'));
const Versions = lazy(() => import('./detail/Versions'));
const File = lazy(() => import('./detail/File'));
const Danger = lazy(() => import('./detail/Danger'));

const TABS = ['overview', 'settings', 'versions', 'file', 'danger'] as const;
type Tab = (typeof TABS)[number];
const isTab = (text: string | undefined): text is Tab => TABS.some((tab) => tab === text);

/** One installed app. The address names it and the part that is shown. */
export default function AppPage() {
  const { id = '', tab } = useParams({ strict: false });
  const installed = useInstalled();
  const app = installed.data?.find((each) => each.id === id);
  if (app !== undefined) return <Found key={id} app={app} tab={isTab(tab) ? tab : 'overview'} />;
  if (installed.data !== undefined) return <Missing />;
  if (installed.error !== null) {
    return <ErrorNotice what={t('app.failed')} error={installed.error} onRetry={() => void installed.refetch()} />;
  }
  return (
    <div role="status" aria-label={t('app.loading')}>
      <Skeleton height={72} radius={14} mb={24} />
      <Skeleton height={280} radius={14} />
    </div>
  );
}

function Found({ app, tab }: { app: InstalledApp; tab: Tab }) {
  const navigate = useNavigate();
  const mayChange = useMay('apps:write');
  const shown = mayChange ? tab : 'overview';
  const address = addressOfApp(app.id);
  // What an app was asked holds what only those who may change it should see.
  const settings = useQuery({
    queryKey: ['apps', 'settings', app.id, app.revision],
    queryFn: () => unwrap(api.GET('/api/apps/{id}/settings', { params: { path: { id: app.id } } })),
    enabled: mayChange,
  });
  return (
    <>
      <PageHead
        before={<AppPicture name={app.name} seed={app.id} src={iconOfApp(app)} size={64} />}
        title={app.name}
        detail={
          <span className={classes.headline}>
            <StateBadge state={stateOfApp(app)} />
            {app.version && <span>{t('apps.version', { version: app.version })}</span>}
          </span>
        }
        actions={<HeadActions app={app} mayChange={mayChange} />}
      />
      <AppJob app={app} />
      <Tabs
        value={shown}
        onChange={(next) => void navigate({ to: next === 'overview' ? address : `${address}/${next}` })}
        keepMounted={false}
      >
        <Tabs.List className={classes.tabs} mb={20} aria-label={t('app.tabs', { name: app.name })}>
          {(mayChange ? TABS : (['overview'] as const)).map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`app.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview">
          <Overview app={app} sheet={settings.data?.sheet ?? null} />
        </Tabs.Panel>
        {shown !== 'overview' && (
          <Tabs.Panel value={shown}>
            <Suspense fallback={<Skeleton height={280} radius={14} />}>
              {shown === 'danger' ? (
                <Danger app={app} origin={settings.data?.origin ?? null} />
              ) : settings.error !== null && settings.data === undefined ? (
                <ErrorNotice what={t('app.failed')} error={settings.error} onRetry={() => void settings.refetch()} />
              ) : settings.data === undefined ? (
                <Skeleton height={280} radius={14} />
              ) : (
                <Part app={app} tab={shown} settings={settings.data} />
              )}
            </Suspense>
          </Tabs.Panel>
        )}
      </Tabs>
    </>
  );
}

function Part({ app, tab, settings }: { app: InstalledApp; tab: Tab; settings: AppSettings }) {
  if (tab === 'settings') return <SettingsTab key={app.revision} app={app} settings={settings} />;
  if (tab === 'versions') return <Versions app={app} revisions={settings.revisions} />;
  return <File app={app} compose={settings.compose} />;
}

function HeadActions({ app, mayChange }: { app: InstalledApp; mayChange: boolean }) {
  const page = pageOfApp(app);
  const maySeeLogs = useMay('containers:read') && app.containers.length > 0;
  return (
    <>
      {maySeeLogs && (
        <Button
          variant="default"
          leftSection={<IconFileText size={18} stroke={1.75} />}
          renderRoot={(props) => <Link to="/containers/-/logs" search={{ of: app.containers.slice(0, 20).join(',') }} {...props} />}
        >
          {t('app.logs')}
        </Button>
      )}
      {mayChange &&
        actionsFor(app).map((action) => (
          <Button key={action} variant="default" onClick={() => void power(action, app)}>
            {t(`apps.${action}`)}
          </Button>
        ))}
      {page !== null && (
        <Button
          component="a"
          href={page}
          target="_blank"
          rel="noopener noreferrer"
          rightSection={<IconArrowUpRight size={18} stroke={1.75} />}
        >
          {t('apps.open')}
        </Button>
      )}
    </>
  );
}

function Missing() {
  return (
    <>
      <PageHead title={t('app.missing')} hidden />
      <EmptyState
        icon={<IconPackageOff size={26} stroke={1.75} />}
        title={t('app.missing')}
        text={t('app.missingText')}
        action={<Button renderRoot={(props) => <Link to="/apps" {...props} />}>{t('app.toApps')}</Button>}
      />
    </>
  );
}
