import { IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type CSSProperties, lazy, Suspense, useMemo } from 'react';
import { useWide } from '@/app/useWide';
import { hueOf } from '@/components/AppIcon';
import { AppPicture } from '@/components/AppPicture';
import { addressInStore, type AppCategory, type AppSummary } from '@/domain/apps';
import { t } from '@/i18n';
import { AppCard } from './AppCard';
import { beginning, shelves } from './catalog';
import classes from './Store.module.css';

const StackShelf = lazy(() => import('./stacks/StackShelf'));

interface Props {
  apps: AppSummary[];
  sourced: boolean;
  onCategory: (category: AppCategory) => void;
}

const ON_WIDE = 6;
const ON_PHONE = 3;

/** The store without a question: what most begin with, then a shelf for each category. */
export function Discover({ apps, sourced, onCategory }: Props) {
  const most = useWide() ? ON_WIDE : ON_PHONE;
  const first = useMemo(() => beginning(apps), [apps]);
  const all = useMemo(() => shelves(apps), [apps]);
  return (
    <>
      {first.length > 2 && (
        <section className={classes.shelf} aria-labelledby="store-begin">
          <div className={classes.shelfHead}>
            <h2 id="store-begin">{t('store.begin')}</h2>
            <span className={classes.shelfText}>{t('store.beginText')}</span>
          </div>
          <ul className={classes.picks}>
            {first.map((app) => (
              <Pick key={app.id} app={app} />
            ))}
          </ul>
        </section>
      )}
      <Suspense>
        <StackShelf />
      </Suspense>
      {all.map(({ category, apps: members }) => (
        <section key={category} className={classes.shelf} aria-labelledby={`store-${category}`}>
          <div className={classes.shelfHead}>
            <h2 id={`store-${category}`}>{t(`category.${category}`)}</h2>
            {members.length > most && (
              <button
                type="button"
                className={classes.seeAll}
                aria-label={t('store.seeAllOf', { total: members.length, category: t(`category.${category}`) })}
                onClick={() => {
                  onCategory(category);
                  window.scrollTo({ top: 0 });
                }}
              >
                {t('store.seeAll', { total: members.length })}
                <IconChevronRight size={16} aria-hidden />
              </button>
            )}
          </div>
          <ul className={classes.grid}>
            {members.slice(0, most).map((app) => (
              <AppCard key={app.id} app={app} sourced={sourced} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function Pick({ app }: { app: AppSummary }) {
  return (
    <li>
      <Link to={addressInStore(app.id)} className={classes.pick} style={{ '--hue': hueOf(app.appId) } as CSSProperties}>
        <AppPicture name={app.name} seed={app.appId} src={app.icon} size={64} />
        <span className={classes.pickWords}>
          <span className={classes.pickCategory}>
            {t(app.installed === null ? `category.${app.category}` : 'store.installed')}
          </span>
          <span className={classes.pickName}>
            <bdi>{app.name}</bdi>
          </span>
          <span className={classes.tagline}>{app.tagline}</span>
        </span>
      </Link>
    </li>
  );
}
