import { Modal } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { StateBadge } from '@/components/StateBadge';
import { Time } from '@/components/Time';
import { t } from '@/i18n';
import { relativeTime } from '@/i18n/format';
import classes from '../Memory.module.css';
import { type Delivery, deliveryState, hostOf, type EventName, type Webhook } from './names';

const REFRESH_MS = 3_000;

const COLUMNS: Column<Delivery>[] = [
  {
    id: 'event',
    label: t('webhooks.event'),
    value: ({ type }) => type,
    show: ({ type, eventId, error }) => (
      <>
        <span className={classes.strong}>{t(`webhooks.${type as EventName}`)}</span>
        <span className={classes.below}>
          <span className={classes.code}>{eventId}</span>
        </span>
        {error !== '' && <span className={classes.below}>{error}</span>}
      </>
    ),
    width: '46%',
  },
  {
    id: 'state',
    label: t('webhooks.state'),
    value: ({ state }) => state,
    show: (delivery) => (
      <>
        <StateBadge state={deliveryState(delivery)} />
        {delivery.nextAttemptAt !== null && (
          <span className={classes.below}>{t('webhooks.again', { time: relativeTime(delivery.nextAttemptAt) })}</span>
        )}
      </>
    ),
  },
  { id: 'attempts', label: t('webhooks.attempts'), value: ({ attempts }) => attempts, show: ({ attempts }) => attempts, end: true },
  { id: 'answer', label: t('webhooks.answer'), value: ({ status }) => status, show: ({ status }) => status ?? t('webhooks.noAnswer'), end: true },
  {
    id: 'at',
    label: t('webhooks.at'),
    value: ({ createdAt }) => Date.parse(createdAt),
    show: ({ createdAt }) => <Time iso={createdAt} />,
    end: true,
  },
];

/** What was sent to a webhook, what waits, and what was given up and why. */
export default function DeliveryLog({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const list = useQuery({
    queryKey: ['memory', 'deliveries', webhook.id],
    queryFn: () => unwrap(api.GET('/v2/webhooks/{id}/deliveries', { params: { path: { id: webhook.id }, query: { limit: 200 } } })),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Modal opened onClose={onClose} size="xl" title={t('webhooks.logOf', { host: hostOf(webhook.url) })} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <Loaded list={list}>
        {({ deliveries }) => (
          <DataList
            name="memory.deliveries"
            label={t('webhooks.log')}
            columns={COLUMNS}
            rows={deliveries}
            rowKey={({ id }) => id}
            order={{ sort: 'at', descending: true }}
            empty={<EmptyState icon={<IconSend size={26} stroke={1.75} />} title={t('webhooks.noLog')} text={t('webhooks.noLogText')} />}
          />
        )}
      </Loaded>
    </Modal>
  );
}
