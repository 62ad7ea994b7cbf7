import { ActionIcon, Popover, VisuallyHidden } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { t } from '@/i18n';
import classes from './Bell.module.css';
import { type Bell as BellState, useBell } from './notifications';
import { useWide } from './useWide';

const Panel = lazy(() => import('./NotificationsPanel'));

/** How many notifications are unread, and the latest of them when it is pressed. */
export function Bell({ size }: { size: number }) {
  const { data } = useBell();
  const wide = useWide();
  const [opened, setOpened] = useState(false);
  const unread = data?.unread ?? 0;
  const news = useNews(data);
  useEffect(() => {
    // The installed app shows the number on its icon.
    if (unread > 0) void navigator.setAppBadge?.(unread).catch(() => undefined);
    else void navigator.clearAppBadge?.().catch(() => undefined);
  }, [unread]);
  return (
    <>
      <Popover
        opened={opened}
        onChange={setOpened}
        width="min(420px, calc(100vw - 24px))"
        position="bottom-end"
        trapFocus
        returnFocus
        withOverlay={!wide}
        overlayProps={{ zIndex: 299, backgroundOpacity: 0.3 }}
      >
        <Popover.Target>
          <ActionIcon
            size={size}
            className={classes.button}
            aria-label={t('notifications.open', { count: unread })}
            onClick={() => setOpened(!opened)}
          >
            <IconBell size={20} stroke={1.75} />
            {unread > 0 && (
              <span className={classes.count} aria-hidden>
                {unread > 99 ? '99+' : unread}
              </span>
            )}
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown p={0} className={classes.dropdown} aria-label={t('notifications.title')}>
          <Suspense fallback={<div className={classes.loading} />}>
            <Panel onClose={() => setOpened(false)} />
          </Suspense>
        </Popover.Dropdown>
      </Popover>
      <VisuallyHidden role="status">{news}</VisuallyHidden>
    </>
  );
}

/** Said to screen readers: what arrived since the page was opened. */
function useNews(bell: BellState | null): string {
  const [news, setNews] = useState('');
  const before = useRef<number | null>(null);
  useEffect(() => {
    if (bell === null) return;
    const [latest] = bell.items;
    if (before.current !== null && bell.unread > before.current && latest !== undefined) {
      setNews(t('notifications.new', { title: latest.title }));
    }
    before.current = bell.unread;
  }, [bell]);
  return news;
}
