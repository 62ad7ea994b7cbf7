import { Skeleton } from '@mantine/core';
import { IconBellRinging, IconLock } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ErrorNotice } from '@/components/ErrorNotice';
import { t } from '@/i18n';
import { Devices } from './Devices';
import classes from './Notifications.module.css';
import { ability, loadPush } from './push';
import { ThisDevice } from './ThisDevice';

const KEY = ['push'];

/** Where notifications are sent, beside the bell. */
export function Push() {
  const queries = useQueryClient();
  const can = ability();
  const push = useQuery({ queryKey: KEY, queryFn: loadPush });
  const refresh = () => queries.invalidateQueries({ queryKey: KEY });
  return (
    <section className={classes.push} aria-labelledby="push">
      <h2 id="push" className={classes.heading}>
        {t('push.title')}
      </h2>
      <p className={classes.note}>{t('push.text')}</p>
      {push.error !== null ? (
        <ErrorNotice error={push.error} onRetry={() => void push.refetch()} />
      ) : push.data === undefined ? (
        <Skeleton height={140} radius={14} />
      ) : (
        <>
          {can === 'ready' ? (
            <ThisDevice state={push.data} onChange={refresh} />
          ) : (
            <div className={classes.card}>
              {can === 'install' ? <IconBellRinging size={20} stroke={1.75} aria-hidden /> : <IconLock size={20} stroke={1.75} aria-hidden />}
              <div className={classes.words}>
                <strong>{t(`push.${can}`)}</strong>
                <span>{t(`push.${can}Do`)}</span>
              </div>
            </div>
          )}
          <Devices devices={push.data.subscriptions} onChange={refresh} />
        </>
      )}
    </section>
  );
}
