import { Skeleton } from '@mantine/core';
import { IconApps, IconArrowUpRight, IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { AppIcon } from '@/components/AppIcon';
import { EmptyState } from '@/components/EmptyState';
import { StateBadge } from '@/components/StateBadge';
import { addressOf, type App, appsOf, iconSeed, stateOf } from '@/domain/containers';
import { t } from '@/i18n';
import { useContainers } from '@/live/streams';
import classes from './Home.module.css';

const MOST = 12;

/** The apps as tiles that open them. */
export function Launcher() {
  const { data, failure } = useContainers();
  if (data === null) return failure === null ? <LauncherSkeleton /> : null;
  const { containers } = data;
  const apps = appsOf(containers);
  return (
    <section className={classes.section} aria-labelledby="home-launcher">
      <div className={classes.sectionHead}>
        <h2 className={classes.sectionTitle} id="home-launcher">
          {t('home.launcher')}
        </h2>
        {containers.length > 0 && (
          <Link to="/containers" className={classes.more}>
            {t('home.openAll')}
            <IconChevronRight size={16} aria-hidden />
          </Link>
        )}
      </div>
      {apps.length === 0 ? (
        <EmptyState
          icon={<IconApps size={26} stroke={1.75} />}
          title={t('home.emptyTitle')}
          text={t(containers.length === 0 ? 'home.emptyText' : 'home.noPages')}
        />
      ) : (
        <ul className={classes.tiles}>
          {apps.slice(0, MOST).map((app) => (
            <Tile key={app.container.id} app={app} />
          ))}
        </ul>
      )}
    </section>
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
    <li>
      {url === null ? (
        <Link className={classes.tile} to={addressOf(container)} title={t('home.details', { name })}>
          {content}
        </Link>
      ) : (
        <a className={classes.tile} href={url} target="_blank" rel="noopener noreferrer" title={t('home.open', { name })}>
          {content}
        </a>
      )}
    </li>
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
