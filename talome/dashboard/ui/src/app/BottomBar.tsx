import { Link } from '@tanstack/react-router';
import { t } from '@/i18n';
import classes from './BottomBar.module.css';
import { MorePages } from './MorePages';
import { pagesFor } from './pages';
import { useUser } from './session';

const MOST = 5;

/** The menu on a phone, within reach of the thumb: what fits, and the rest behind "More". */
export function BottomBar() {
  const pages = pagesFor(useUser()).filter((page) => page.order !== undefined);
  const shown = pages.length > MOST ? MOST - 1 : MOST;
  return (
    <nav className={classes.bar} aria-label={t('nav.label')}>
      {pages.slice(0, shown).map(({ path, title, icon: Icon }) => (
        <Link key={path} to={path} className={classes.item} activeOptions={{ exact: path === '/' }}>
          <span className={classes.pill}>
            <Icon size={22} stroke={1.75} aria-hidden />
          </span>
          {t(title)}
        </Link>
      ))}
      {pages.length > MOST && <MorePages pages={pages.slice(shown)} />}
    </nav>
  );
}
