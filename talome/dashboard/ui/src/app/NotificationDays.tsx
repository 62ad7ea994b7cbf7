import { ActionIcon } from '@mantine/core';
import { IconAlertOctagon, IconAlertTriangle, IconCheck, IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Notification } from '@/api/types';
import { Time } from '@/components/Time';
import { t } from '@/i18n';
import { clockTime, dayName, exactTime } from '@/i18n/format';
import classes from './NotificationDays.module.css';
import { byDay, markRead } from './notifications';

const ICONS = { info: IconInfoCircle, success: IconCircleCheck, warning: IconAlertTriangle, danger: IconAlertOctagon };
const DAY_MS = 86_400_000;

const midnight = () => new Date().setHours(0, 0, 0, 0);

function nameOf(day: number): string {
  const today = midnight();
  if (day === today) return t('notifications.today');
  // Days are not all 24 hours long.
  return Math.round((today - day) / DAY_MS) === 1 ? t('notifications.yesterday') : dayName(day);
}

interface Props {
  items: Notification[];
  /** Called when a link to a page is followed. */
  onOpen?: () => void;
}

/** Notifications under the day on which they happened. */
export function NotificationDays({ items, onOpen }: Props) {
  return byDay(items).map((day) => (
    <section key={day.at} className={classes.day}>
      <h3 className={classes.name}>{nameOf(day.at)}</h3>
      <ul className={classes.list}>
        {day.items.map((item) => (
          <Row key={item.id} item={item} today={day.at === midnight()} onOpen={onOpen} />
        ))}
      </ul>
    </section>
  ));
}

interface RowProps {
  item: Notification;
  today: boolean;
  onOpen?: () => void;
}

function Row({ item, today, onOpen }: RowProps) {
  const { id, level, title, body, count, read, at } = item;
  const Icon = ICONS[level];
  return (
    <li className={classes.row} data-read={read || undefined}>
      <Icon className={classes.icon} data-level={level} size={18} stroke={1.9} aria-label={t(`notifications.${level}`)} />
      <Target
        item={item}
        onOpen={() => {
          if (!read) void markRead(id);
          onOpen?.();
        }}
      >
        <span className={classes.title} dir="auto">
          {title}
          {!read && <span className={classes.dot} role="img" aria-label={t('notifications.unread')} />}
        </span>
        {body !== '' && (
          <span className={classes.body} dir="auto">
            {body}
          </span>
        )}
        <span className={classes.when}>
          {today ? (
            <Time iso={at} />
          ) : (
            <time dateTime={at} title={exactTime(at)}>
              {clockTime(Date.parse(at))}
            </time>
          )}
          {count > 1 && ` · ${t('notifications.times', { count })}`}
        </span>
      </Target>
      {!read && (
        <ActionIcon size={32} aria-label={t('notifications.read', { title })} onClick={() => void markRead(id)}>
          <IconCheck size={17} stroke={1.9} />
        </ActionIcon>
      )}
    </li>
  );
}

/** The words, which lead to a page of ours where there is one. */
function Target({ item, onOpen, children }: { item: Notification; onOpen: () => void; children: ReactNode }) {
  const { link } = item;
  if (link === null || !/^\/(?![/\\])/.test(link)) return <div className={classes.words}>{children}</div>;
  return (
    <Link to={link} className={classes.words} onClick={onOpen}>
      {children}
    </Link>
  );
}
