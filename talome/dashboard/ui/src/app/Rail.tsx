import { Tooltip, UnstyledButton } from '@mantine/core';
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

/** The menu on a wide screen. Folded, it shows icons with their names on hover and focus. */
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
            <Tooltip label={t(title)} position="right" disabled={!folded} openDelay={100}>
              <Link to={path} className={classes.item} activeOptions={{ exact: path === '/' }}>
                <Icon size={18} stroke={1.75} aria-hidden />
                <span className={classes.label}>{t(title)}</span>
              </Link>
            </Tooltip>
          </li>
        ))}
      </ul>
      <Tooltip label={foldLabel} position="right" disabled={!folded} openDelay={100}>
        <UnstyledButton className={classes.item} onClick={onFold} aria-label={foldLabel}>
          <Fold size={18} stroke={1.75} aria-hidden />
          <span className={classes.label}>{foldLabel}</span>
        </UnstyledButton>
      </Tooltip>
    </nav>
  );
}
