import { Skeleton } from '@mantine/core';
import { IconArrowUpRight, IconBox, IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Container } from '@/api/types';
import { AppIcon } from '@/components/AppIcon';
import { EmptyState } from '@/components/EmptyState';
import { StateBadge } from '@/components/StateBadge';
import { addressOf, isRunning, stateOf, titleOf, webPage } from '@/domain/containers';
import { t } from '@/i18n';
import classes from './Home.module.css';

const MOST = 12;

/** Those that open a page first, then the ones that run, then the rest. */
function ranked(containers: Container[]): Container[] {
  const rank = (container: Container) => (webPage(container) !== null ? 0 : isRunning(container) ? 1 : 2);
  return [...containers].sort((a, b) => rank(a) - rank(b) || titleOf(a).localeCompare(titleOf(b)));
}

/** The containers as tiles that open them. */
export function Launcher({ containers }: { containers: Container[] }) {
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
      {containers.length === 0 ? (
        <EmptyState icon={<IconBox size={26} stroke={1.75} />} title={t('home.emptyTitle')} text={t('home.emptyText')} />
      ) : (
        <ul className={classes.tiles}>
          {ranked(containers)
            .slice(0, MOST)
            .map((container) => (
              <Tile key={container.id} container={container} />
            ))}
        </ul>
      )}
    </section>
  );
}

function Tile({ container }: { container: Container }) {
  const name = titleOf(container);
  const url = webPage(container);
  const content = (
    <>
      <AppIcon name={name} size={44} />
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
}

export function LauncherSkeleton() {
  return (
    <ul className={classes.tiles} aria-hidden>
      {[0, 1, 2, 3, 4, 5, 6, 7].map((key) => (
        <li key={key} className={classes.tile}>
          <Skeleton height={44} width={44} radius={12} />
          <span className={classes.tileWords}>
            <Skeleton height={14} width="70%" />
            <Skeleton height={12} width="45%" mt={8} />
          </span>
        </li>
      ))}
    </ul>
  );
}
