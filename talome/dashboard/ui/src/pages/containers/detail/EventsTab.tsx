import { Skeleton } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import type { Container } from '@/api/types';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { StateBadge } from '@/components/StateBadge';
import { Time } from '@/components/Time';
import { t } from '@/i18n';
import { Card } from './Card';
import classes from './Detail.module.css';
import { sentenceOf } from './events';

type ContainerEvent = components['schemas']['ContainerEvent'];

const REFRESH_MS = 15_000;

/** What Docker did with the container lately, newest first. */
export function EventsTab({ container }: { container: Container }) {
  const events = useQuery({
    // A change of state is an event.
    queryKey: ['containers', container.id, 'events', container.state, container.health, container.startedAt, container.name],
    queryFn: () => unwrap(api.GET('/api/containers/{id}/events', { params: { path: { id: container.id } } })),
    placeholderData: (previous) => previous,
    refetchInterval: REFRESH_MS,
  });
  if (events.error !== null && events.data === undefined) {
    return <ErrorNotice what={t('container.eventsFailed')} error={events.error} onRetry={() => void events.refetch()} />;
  }
  if (events.data === undefined) return <Skeleton height={280} radius={14} />;
  if (events.data.length === 0) {
    return (
      <EmptyState icon={<IconHistory size={26} stroke={1.75} />} title={t('container.eventsEmpty')} text={t('container.eventsEmptyText')} />
    );
  }
  return (
    <Card title={t('container.events')}>
      <ul className={classes.entries}>
        {events.data.map((event, index) => (
          <Event key={`${event.at}${index}`} event={event} />
        ))}
      </ul>
      <p className={classes.none}>{t('container.eventsLimit')}</p>
    </Card>
  );
}

function Event({ event }: { event: ContainerEvent }) {
  return (
    <li>
      <span className={classes.probe}>
        <StateBadge state={sentenceOf(event)} />
        <span className="dim">
          <Time iso={event.at} />
        </span>
      </span>
    </li>
  );
}
