import { IconCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { AppPicture } from '@/components/AppPicture';
import { addressInStore, type AppSummary } from '@/domain/apps';
import { t } from '@/i18n';
import classes from './Store.module.css';

interface Props {
  app: AppSummary;
  /** Says which store it is from, where there are several. */
  sourced: boolean;
}

/** An app of a store; it leads to the app's page. */
export const AppCard = memo(function AppCard({ app, sourced }: Props) {
  const out = !app.compatible || app.lacks.length > 0;
  return (
    <li>
      <Link to={addressInStore(app.id)} className={classes.card} data-out={out || undefined}>
        <AppPicture name={app.name} seed={app.appId} src={app.icon} size={56} />
        <span className={classes.cardWords}>
          <span className={classes.cardName}>
            <bdi>{app.name}</bdi>
          </span>
          <span className={classes.tagline}>{app.tagline}</span>
          <Badges app={app} sourced={sourced} />
        </span>
      </Link>
    </li>
  );
});

function Badges({ app, sourced }: Props) {
  const { installed, compatible, lacks, storeName } = app;
  if (installed === null && compatible && lacks.length === 0 && !sourced) return null;
  return (
    <span className={classes.badges}>
      {installed !== null && (
        <span className={classes.badge} data-tone="ok">
          <IconCheck size={13} stroke={2.4} aria-hidden />
          {t('store.installed')}
        </span>
      )}
      {!compatible ? (
        <span className={classes.badge} data-tone="warn">
          {t('store.notHere')}
        </span>
      ) : (
        lacks.length > 0 && (
          <span className={classes.badge} data-tone="warn">
            {t('store.cannot')}
          </span>
        )
      )}
      {sourced && <span className={classes.badge}>{storeName}</span>}
    </span>
  );
}
