import { api, unwrap } from '@/api/client';
import type { NotificationItem, Notification } from '@/api/types';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { live } from '@/live';
import { LiveStream, useStream } from '@/live/stream';

export interface Bell {
  /** The latest ones, newest first. */
  items: Notification[];
  /** How many are unread in all. */
  unread: number;
}

const MOST = 100;

const newestFirst = (a: Notification, b: Notification) => b.at.localeCompare(a.at) || b.id.localeCompare(a.id);

/** What the bell knows after one item of `notifications.stream`. */
export function foldNotifications(previous: Bell | null, item: NotificationItem): Bell {
  if (item.type === 'snapshot') return { items: item.notifications, unread: item.unread };
  const { notification, unread } = item;
  const others = (previous?.items ?? []).filter(({ id }) => id !== notification.id);
  return { items: [notification, ...others].sort(newestFirst).slice(0, MOST), unread };
}

const bell = new LiveStream<Bell, NotificationItem>(live, 'notifications.stream', {}, foldNotifications);

export const useBell = () => useStream(bell, true);

export const markRead = (id: string): Promise<unknown> =>
  unwrap(api.PUT('/api/notifications/{id}/read', { params: { path: { id } } })).catch((error: unknown) =>
    toastError(t('notifications.readFailed'), error),
  );

export const markAllRead = (): Promise<unknown> =>
  unwrap(api.PUT('/api/notifications/read-all')).catch((error: unknown) =>
    toastError(t('notifications.readFailed'), error),
  );

export interface Day {
  /** Midnight of the day, as the reader's clock has it. */
  at: number;
  items: Notification[];
}

/** The list cut into days, in the same order. */
export function byDay(items: Notification[]): Day[] {
  const days: Day[] = [];
  for (const item of items) {
    const at = new Date(item.at).setHours(0, 0, 0, 0);
    const last = days.at(-1);
    if (last?.at === at) last.items.push(item);
    else days.push({ at, items: [item] });
  }
  return days;
}
