import { Button, Skeleton } from '@mantine/core';
import { IconChecks } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { t } from '@/i18n';
import classes from './Bell.module.css';
import { markAllRead, useBell } from './notifications';
import { NotificationDays } from './NotificationDays';

const SHOWN = 30;

/** What drops down from the bell. */
export default function NotificationsPanel({ onClose }: { onClose: () => void }) {
  const { data, failure } = useBell();
  return (
    <>
      <div className={classes.head}>
        <h2 className={classes.title} tabIndex={-1} data-autofocus>
          {t('notifications.title')}
        </h2>
        {data !== null && data.unread > 0 && (
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconChecks size={16} />}
            onClick={() => void markAllRead()}
          >
            {t('notifications.readAll')}
          </Button>
        )}
      </div>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('notifications.title')}>
        {data === null ? (
          failure === null ? (
            <Skeleton height={160} radius={0} />
          ) : (
            <p className={classes.empty}>{failure.error}</p>
          )
        ) : data.items.length === 0 ? (
          <p className={classes.empty}>{t('notifications.empty')}</p>
        ) : (
          <NotificationDays items={data.items.slice(0, SHOWN)} onOpen={onClose} />
        )}
      </div>
      <Link to="/notifications" className={classes.foot} onClick={onClose}>
        {t('notifications.more')}
      </Link>
    </>
  );
}
