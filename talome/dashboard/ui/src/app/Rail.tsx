import { UnstyledButton } from '@mantine/core';
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Mark } from '@/components/Mark';
import { t } from '@/i18n';
import { pagesFor } from './pages';
import classes from './Rail.module.css';
import { useUser } from './session';

interface Props {
  folded: boolean;
  onFold: () => void;
}

/** The menu on a wide screen. Folded, it shows icons with their names on hover. */
export function Rail({ folded, onFold }: Props) {
  const pages = pagesFor(useUser()).filter((page) => page.order !== undefined);
  const Fold = folded ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  const foldLabel = t(folded ? 'nav.unfold' : 'nav.fold');
  return (
    <nav className={classes.rail} aria-label={t('nav.label')} data-folded={folded || undefined}>
      <Link to="/" className={classes.brand} aria-label={t('app.name')}>
        <Mark size={30} />
        <span className={classes.label}>{t('app.name')}</span>
      </Link>
      <ul className={classes.list}>
        {pages.map(({ path, title, icon: Icon }) => (
          <li key={path}>
            <Link
              to={path}
              className={classes.item}
              activeOptions={{ exact: path === '/' }}
              title={folded ? t(title) : undefined}
            >
              <Icon size={18} stroke={1.75} aria-hidden />
              <span className={classes.label}>{t(title)}</span>
            </Link>
          </li>
        ))}
      </ul>
      <UnstyledButton className={classes.item} onClick={onFold} title={folded ? foldLabel : undefined}>
        <Fold size={18} stroke={1.75} aria-hidden />
        <span className={classes.label}>{foldLabel}</span>
      </UnstyledButton>
    </nav>
  );
}
