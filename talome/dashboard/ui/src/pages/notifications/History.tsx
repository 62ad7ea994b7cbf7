import { Button, SegmentedControl, Skeleton } from '@mantine/core';
import { IconBellOff, IconChecks } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { NotificationDays } from '@/app/NotificationDays';
import { markAllRead, useBell } from '@/app/notifications';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { t } from '@/i18n';
import classes from './Notifications.module.css';

const LIMIT = 50;

export function History() {
  const [unread, setUnread] = useState(false);
  const pages = useHistory(unread);
  const items = pages.data?.pages.flatMap(({ notifications }) => notifications) ?? [];
  const anyUnread = (pages.data?.pages[0]?.unread ?? 0) > 0;
  return (
    <section className={classes.history} aria-labelledby="history">
      <div className={classes.bar}>
        <h2 id="history" className={classes.heading}>
          {t('notifications.history')}
        </h2>
        <SegmentedControl
          aria-label={t('notifications.show')}
          value={unread ? 'unread' : 'all'}
          onChange={(value) => setUnread(value === 'unread')}
          data={[
            { value: 'all', label: t('notifications.all') },
            { value: 'unread', label: t('notifications.onlyUnread') },
          ]}
        />
        <Button
          variant="default"
          leftSection={<IconChecks size={16} />}
          disabled={!anyUnread}
          onClick={() => void markAllRead()}
        >
          {t('notifications.readAll')}
        </Button>
      </div>
      {pages.error !== null && pages.data === undefined ? (
        <ErrorNotice error={pages.error} what={t('notifications.failed')} onRetry={() => void pages.refetch()} />
      ) : pages.data === undefined ? (
        <Skeleton height={280} radius={14} />
      ) : items.length === 0 ? (
        <EmptyState
          icon={<IconBellOff size={26} stroke={1.75} />}
          title={t('notifications.emptyTitle')}
          text={t(unread ? 'notifications.emptyUnread' : 'notifications.empty')}
        />
      ) : (
        <div className={classes.days}>
          <NotificationDays items={items} />
        </div>
      )}
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('notifications.older')}
        </Button>
      )}
      <p className={classes.note}>{t('notifications.historyText')}</p>
    </section>
  );
}

/** Page by page; what the bell hears of makes it look again. */
function useHistory(unread: boolean) {
  const queries = useQueryClient();
  const { at } = useBell();
  const key = ['notifications', unread];
  const pages = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => {
      const query = { unread, limit: LIMIT, ...(pageParam === null ? {} : { before: pageParam }) };
      return unwrap(api.GET('/api/notifications', { params: { query } }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  useEffect(() => {
    if (at !== null) void queries.invalidateQueries({ queryKey: ['notifications'] });
  }, [at, queries]);
  return pages;
}
