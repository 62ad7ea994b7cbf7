import './texts';
import { Button, Skeleton } from '@mantine/core';
import {
  IconAlertTriangle,
  IconArrowUpRight,
  IconBan,
  IconDownload,
  IconInfoCircle,
  IconLoader2,
  IconPackageOff,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation, useNavigate, useParams } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useRef, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import type { Job } from '@/api/types';
import { useMay } from '@/app/session';
import { BackLink } from '@/components/BackLink';
import { AppPicture } from '@/components/AppPicture';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import { usePicture } from '@/components/pictures';
import { addressOfApp, type AppDetail, pageOfApp, subjectOf, useInstalled, useLatestJob } from '@/domain/apps';
import { t } from '@/i18n';
import { isGoing } from '../apps/parts/JobProgress';
import { Facts } from './Facts';
import { Prose } from './Prose';
import classes from './StoreApp.module.css';

const InstallDialog = lazy(() => import('./InstallDialog'));
const RunScripts = lazy(() => import('./RunScripts'));
/** The server's words for what only a script can tell. */
const BY_A_SHELL = 'works out with a shell';

/** One app of a store. `#install` asks how to install it. */
export default function StoreAppPage() {
  const { id = '' } = useParams({ strict: false });
  const detail = useQuery({
    queryKey: ['apps', 'detail', id],
    queryFn: () => unwrap(api.GET('/api/apps/{id}', { params: { path: { id } } })),
  });
  if (detail.data !== undefined) return <Found key={id} app={detail.data} />;
  const { error } = detail;
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) return <Missing />;
  if (error !== null) return <ErrorNotice what={t('storeApp.failed')} error={error} onRetry={() => void detail.refetch()} />;
  return (
    <div role="status" aria-label={t('app.loading')}>
      <Skeleton height={148} radius={18} mb={24} />
      <Skeleton height={320} radius={14} />
    </div>
  );
}

function Found({ app }: { app: AppDetail }) {
  const mayInstall = useMay('apps:write');
  const navigate = useNavigate();
  const { hash, pathname } = useLocation();
  const show = (part: string) => void navigate({ to: pathname, hash: part, replace: part === '', resetScroll: false });
  const able = app.compatible && app.lacks.length === 0;
  const latest = useInstallation(app);
  const going = latest !== null && isGoing(latest) ? latest : null;
  return (
    <>
      <PageHead title={app.name} hidden />
      <BackLink to="/store">{t('store.title')}</BackLink>
      <header className={classes.head}>
        <AppPicture name={app.name} seed={app.appId} src={app.icon} size={96} />
        <div className={classes.headWords}>
          <h1>
            <bdi>{app.name}</bdi>
          </h1>
          <p>{app.tagline}</p>
          <span className={classes.meta}>{[app.developer, app.version, t(`category.${app.category}`)].filter(Boolean).join(' · ')}</span>
        </div>
        <MainActions app={app} going={going} mayInstall={mayInstall && able} onInstall={() => show('install')} />
      </header>
      {app.installed === null && latest?.state === 'failed' && (
        <Remark
          tone="warn"
          icon={<IconAlertTriangle size={20} stroke={1.75} />}
          title={t('storeApp.lastFailed')}
          lines={[latest.reason ?? t('jobs.noReason')]}
        />
      )}
      <Remarks app={app} />
      <div className={classes.columns}>
        <div className={classes.main}>
          <Pictures app={app} />
          {app.description !== '' && (
            <Part title={t('storeApp.about', { name: app.name })}>
              <Prose text={app.description} />
            </Part>
          )}
          {app.notes !== '' && (
            <Part title={t('storeApp.notes')}>
              <Prose text={app.notes} />
            </Part>
          )}
          {app.releaseNotes !== '' && (
            <Part title={t('storeApp.news')}>
              <Prose text={app.releaseNotes} />
            </Part>
          )}
        </div>
        <Facts app={app} />
      </div>
      <Suspense>
        {mayInstall && able && hash === 'install' && (
          <InstallDialog app={app} going={going} onClose={() => show('')} />
        )}
      </Suspense>
    </>
  );
}

/** The last time somebody installed it, in whatever tab. */
function useInstallation(app: AppDetail): Job | null {
  const latest = useLatestJob(subjectOf(app.appId));
  return latest?.kind === 'apps.install' ? latest : null;
}

interface ActionsProps {
  app: AppDetail;
  going: Job | null;
  mayInstall: boolean;
  onInstall: () => void;
}

/** Install, or what can be done with the installed app. */
function MainActions({ app, going, mayInstall, onInstall }: ActionsProps) {
  const installed = useInstalled(true).data?.find(({ id }) => id === app.installed);
  const page = installed && pageOfApp(installed);
  return (
    <div className={classes.actions}>
      {app.installed !== null ? (
        <>
          {page && (
            <Button
              size="md"
              rightSection={<IconArrowUpRight size={18} stroke={1.75} />}
              component="a"
              href={page}
              target="_blank"
              rel="noopener noreferrer"
            >
              {t('storeApp.open')}
            </Button>
          )}
          <Button size="md" variant="default" renderRoot={(props) => <Link to={addressOfApp(app.installed ?? '')} {...props} />}>
            {t('storeApp.manage')}
          </Button>
        </>
      ) : going !== null ? (
        <span className={classes.going} role="status">
          <IconLoader2 size={18} stroke={1.75} aria-hidden />
          {t('storeApp.installing')}
          {mayInstall && (
            <Button variant="default" onClick={onInstall}>
              {t('storeApp.follow')}
            </Button>
          )}
        </span>
      ) : (
        mayInstall && (
          <Button size="md" leftSection={<IconDownload size={18} stroke={1.75} />} onClick={onInstall}>
            {t('storeApp.install')}
          </Button>
        )
      )}
    </div>
  );
}

/** What keeps the app from being installed, and what works otherwise than in its own store. */
function Remarks({ app }: { app: AppDetail }) {
  const mayRun = useMay('stores:write');
  const [running, setRunning] = useState(false);
  return (
    <>
      <Suspense>{running && <RunScripts app={app} onClose={() => setRunning(false)} />}</Suspense>
      {app.incompatible !== null && (
        <Remark tone="warn" icon={<IconBan size={20} stroke={1.75} />} title={t('storeApp.incompatible')} lines={[app.incompatible]} />
      )}
      {app.lacks.length > 0 && (
        <Remark tone="warn" icon={<IconAlertTriangle size={20} stroke={1.75} />} title={t('storeApp.cannot')} lines={app.lacks}>
          {mayRun && app.lacks.some((line) => line.includes(BY_A_SHELL)) && (
            <Button size="xs" variant="default" mt={10} onClick={() => setRunning(true)}>
              {t('scripts.offer')}
            </Button>
          )}
        </Remark>
      )}
      {app.warnings.length > 0 && (
        <Remark tone="info" icon={<IconInfoCircle size={20} stroke={1.75} />} title={t('storeApp.warnings')} lines={app.warnings} />
      )}
    </>
  );
}

interface RemarkProps {
  tone: string;
  icon: ReactNode;
  title: string;
  lines: string[];
  children?: ReactNode;
}

function Remark({ tone, icon, title, lines, children }: RemarkProps) {
  return (
    <section className={classes.remark} data-tone={tone}>
      <span aria-hidden>{icon}</span>
      <div>
        <h2>{title}</h2>
        {lines.map((line) => (
          <p key={line}>{line}</p>
        ))}
        {children}
      </div>
    </section>
  );
}

function Pictures({ app }: { app: AppDetail }) {
  if (app.screenshots.length === 0) return null;
  return (
    <section className={classes.pictures} tabIndex={0} aria-label={t('storeApp.pictures')}>
      {app.screenshots.map((src, index) => (
        <Picture key={src} src={src} alt={t('storeApp.picture', { number: index + 1, name: app.name })} />
      ))}
    </section>
  );
}

/** One that cannot be had leaves no hole. */
function Picture({ src, alt }: { src: string; alt: string }) {
  const place = useRef<HTMLSpanElement>(null);
  const address = usePicture(src, place);
  if (address === null) return null;
  return address === undefined ? <span ref={place} className={classes.pictureWaits} /> : <img src={address} alt={alt} decoding="async" />;
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.part}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Missing() {
  return (
    <>
      <PageHead title={t('storeApp.missing')} hidden />
      <EmptyState
        icon={<IconPackageOff size={26} stroke={1.75} />}
        title={t('storeApp.missing')}
        text={t('storeApp.missingText')}
        action={<Button renderRoot={(props) => <Link to="/store" {...props} />}>{t('storeApp.toStore')}</Button>}
      />
    </>
  );
}
