import { Button, Skeleton } from '@mantine/core';
import { IconApps, IconArrowUpRight, IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { memo, type ReactNode } from 'react';
import type { Container } from '@/api/types';
import { useMay } from '@/app/session';
import { AppIcon } from '@/components/AppIcon';
import { AppPicture } from '@/components/AppPicture';
import { EmptyState } from '@/components/EmptyState';
import { StateBadge } from '@/components/StateBadge';
import { addressOfApp, iconOfApp, type InstalledApp, pageOfApp, stateOfApp, useInstalled } from '@/domain/apps';
import { addressOf, type App, appsOf, iconSeed, stateOf } from '@/domain/containers';
import { t } from '@/i18n';
import { useContainers } from '@/live/streams';
import classes from './Home.module.css';

const MOST = 12;

const NONE: InstalledApp[] = [];

/** The apps as tiles that open them: first those from the store, then whatever else on this machine has a page. */
export function Launcher() {
  const { data, failure } = useContainers();
  const maySeeApps = useMay('apps:read');
  const found = useInstalled(maySeeApps);
  const waits = maySeeApps && found.data === undefined && found.error === null;
  if (waits || data === null) return failure === null ? <LauncherSkeleton /> : null;
  const installed = found.data ?? NONE;
  const others = appsOf(data.containers).filter(({ container }) => !installed.some((app) => isOf(app, container)));
  const count = installed.length + others.length;
  return (
    <section className={classes.section} aria-labelledby="home-launcher">
      <div className={classes.sectionHead}>
        <h2 className={classes.sectionTitle} id="home-launcher">
          {t('home.launcher')}
        </h2>
        {(count > 0 || data.containers.length > 0) && (
          <Link to={installed.length > 0 ? '/apps' : '/containers'} className={classes.more}>
            {t('home.openAll')}
            <IconChevronRight size={16} aria-hidden />
          </Link>
        )}
      </div>
      {count === 0 ? (
        <NoApps containers={data.containers.length} store={maySeeApps} />
      ) : (
        <ul className={classes.tiles}>
          {installed.slice(0, MOST).map((app) => (
            <InstalledTile key={app.id} app={app} />
          ))}
          {others.slice(0, Math.max(0, MOST - installed.length)).map((app) => (
            <Tile key={app.container.id} app={app} />
          ))}
        </ul>
      )}
    </section>
  );
}

const isOf = (app: InstalledApp, { name, project }: Container): boolean => project === app.id || app.containers.includes(name);

function NoApps({ containers, store }: { containers: number; store: boolean }) {
  return (
    <EmptyState
      icon={<IconApps size={26} stroke={1.75} />}
      title={t('home.emptyTitle')}
      text={t(store ? 'home.emptyStore' : containers === 0 ? 'home.emptyText' : 'home.noPages')}
      action={store ? <Button renderRoot={(props) => <Link to="/store" {...props} />}>{t('home.toStore')}</Button> : undefined}
    />
  );
}

function InstalledTile({ app }: { app: InstalledApp }) {
  const { id, name, update } = app;
  const page = pageOfApp(app);
  const content = (
    <>
      <AppPicture name={name} seed={id} src={iconOfApp(app)} />
      <span className={classes.tileWords}>
        <span className={classes.tileName}>{name}</span>
        <StateBadge state={stateOfApp(app)} />
      </span>
      {update !== null && <span className={classes.tileUpdate}>{t('home.update')}</span>}
      {page !== null && <IconArrowUpRight className={classes.tileArrow} size={18} stroke={1.75} aria-hidden />}
    </>
  );
  return (
    <TileFrame to={addressOfApp(id)} page={page} name={name}>
      {content}
    </TileFrame>
  );
}

/** Opens the app's own page where it has one, and what is known of it where it has none. */
function TileFrame({ to, page, name, children }: { to: string; page: string | null; name: string; children: ReactNode }) {
  return (
    <li>
      {page === null ? (
        <Link className={classes.tile} to={to} title={t('home.details', { name })}>
          {children}
        </Link>
      ) : (
        <a className={classes.tile} href={page} target="_blank" rel="noopener noreferrer" title={t('home.open', { name })}>
          {children}
        </a>
      )}
    </li>
  );
}

/** Figures of a container come every few seconds; its tile changes only with its state. */
const same = ({ app: a }: { app: App }, { app: b }: { app: App }): boolean =>
  a.name === b.name &&
  a.url === b.url &&
  a.container.id === b.container.id &&
  a.container.state === b.container.state &&
  a.container.health === b.container.health &&
  a.container.exitCode === b.container.exitCode;

const Tile = memo(function Tile({ app: { name, container, url } }: { app: App }) {
  const content = (
    <>
      <AppIcon name={name} seed={iconSeed(container)} />
      <span className={classes.tileWords}>
        <span className={classes.tileName}>{name}</span>
        <StateBadge state={stateOf(container)} />
      </span>
      {url !== null && <IconArrowUpRight className={classes.tileArrow} size={18} stroke={1.75} aria-hidden />}
    </>
  );
  return (
    <TileFrame to={addressOf(container)} page={url} name={name}>
      {content}
    </TileFrame>
  );
}, same);

function LauncherSkeleton() {
  return (
    <ul className={classes.tiles} aria-hidden>
      {[0, 1, 2, 3, 4, 5, 6, 7].map((key) => (
        <li key={key} className={classes.tile}>
          <Skeleton height={48} width={48} radius={13} />
          <span className={classes.tileWords}>
            <Skeleton height={14} width="70%" />
            <Skeleton height={12} width="45%" mt={8} />
          </span>
        </li>
      ))}
    </ul>
  );
}
