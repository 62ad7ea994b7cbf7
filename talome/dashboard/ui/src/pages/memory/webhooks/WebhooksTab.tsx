import './texts';
import { ActionIcon, Button } from '@mantine/core';
import { IconListDetails, IconPlus, IconSend, IconWebhook } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { useMay } from '@/app/session';
import { useWide } from '@/app/useWide';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { RemoveButton } from '@/components/RemoveButton';
import { Section } from '@/components/Section';
import { StateBadge } from '@/components/StateBadge';
import { Time } from '@/components/Time';
import { toast, toastError } from '@/components/toasts';
import { useRemoval } from '@/components/useRemoval';
import { t } from '@/i18n';
import classes from '../Memory.module.css';
import { hostOf, stateOf, type Webhook } from './names';

const WebhookForm = lazy(() => import('./WebhookForm'));
const DeliveryLog = lazy(() => import('./DeliveryLog'));
const REFRESH_MS = 5_000;

const columns = (onResume: (webhook: Webhook) => void): Column<Webhook>[] => [
  {
    id: 'address',
    label: t('webhooks.address'),
    value: ({ url }) => hostOf(url),
    show: ({ url, events, notSentYet }) => (
      <>
        <span className={classes.strong}>{hostOf(url)}</span>
        <span className={classes.below}>
          {events
            .map((name) => (notSentYet.includes(name) ? `${t(`webhooks.${name}`)} (${t('webhooks.later').toLowerCase()})` : t(`webhooks.${name}`)))
            .join(', ')}
        </span>
      </>
    ),
    width: '40%',
  },
  {
    id: 'state',
    label: t('webhooks.state'),
    value: ({ status }) => status,
    show: (webhook) => (
      <>
        <StateBadge state={stateOf(webhook)} />
        {webhook.pauseReason !== '' && <span className={classes.below}>{webhook.pauseReason}</span>}
        {webhook.waiting > 0 && <span className={classes.below}>{t('webhooks.waiting', { count: webhook.waiting })}</span>}
        {webhook.missed > 0 && <span className={classes.below}>{t('webhooks.missed', { count: webhook.missed })}</span>}
        {webhook.status !== 'active' && (
          <Button mt={6} size="compact-sm" variant="default" onClick={() => onResume(webhook)}>
            {t('webhooks.resume')}
          </Button>
        )}
      </>
    ),
    width: '28%',
  },
  {
    id: 'last',
    label: t('webhooks.lastDelivered'),
    value: ({ lastDeliveredAt }) => (lastDeliveredAt === null ? null : Date.parse(lastDeliveredAt)),
    show: ({ lastDeliveredAt }) => (lastDeliveredAt === null ? t('webhooks.never') : <Time iso={lastDeliveredAt} />),
    end: true,
  },
];

/** Addresses that are told what happens in the memory. */
export default function WebhooksTab() {
  const mayChange = useMay('memory:write');
  const wide = useWide();
  const list = useQuery({ queryKey: ['memory', 'webhooks'], queryFn: () => unwrap(api.GET('/v2/webhooks')), refetchInterval: REFRESH_MS });
  const [adding, setAdding] = useState(false);
  const [watched, setWatched] = useState<Webhook | null>(null);
  const [testing, setTesting] = useState<string | null>(null);
  const test = async ({ id, url }: Webhook) => {
    setTesting(id);
    try {
      const told = await unwrap(api.POST('/v2/webhooks/{id}/test', { params: { path: { id } } }));
      if (told.ok) toast({ tone: 'ok', title: t('webhooks.arrived', { ms: told.tookMs }) });
      else toast({ tone: 'danger', title: t('webhooks.notArrived'), text: told.error });
    } catch (error) {
      toastError(t('webhooks.testOf', { host: hostOf(url) }), error);
    }
    setTesting(null);
    await list.refetch();
  };
  const resume = async ({ id }: Webhook) => {
    try {
      await unwrap(api.POST('/v2/webhooks/{id}/resume', { params: { path: { id } } }));
      toast({ tone: 'info', title: t('webhooks.resumed') });
    } catch (error) {
      toastError(t('webhooks.resume'), error);
    }
    await list.refetch();
  };
  const [askToRemove, removal] = useRemoval<Webhook>({
    title: t('webhooks.deleteTitle'),
    text: t('webhooks.deleteText'),
    confirmLabel: t('webhooks.delete'),
    name: ({ url }) => hostOf(url),
    remove: ({ id }) => unwrap(api.DELETE('/v2/webhooks/{id}', { params: { path: { id } } })),
    failed: (host) => t('webhooks.deleteOf', { host }),
    done: (host) => t('webhooks.deleted', { host }),
    refresh: list.refetch,
  });
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      {t('webhooks.add')}
    </Button>
  );
  const size = wide ? 34 : 44;
  return (
    <Section title={t('webhooks.title')} text={t('webhooks.text')}>
      <Loaded list={list}>
        {({ webhooks }) => (
          <DataList
            name="memory.webhooks"
            label={t('webhooks.title')}
            columns={columns((webhook) => void resume(webhook))}
            rows={webhooks}
            rowKey={({ id }) => id}
            order={{ sort: 'address', descending: false }}
            tools={mayChange && webhooks.length > 0 && add}
            actionsWidth={mayChange ? 160 : 74}
            actions={(webhook) => {
              const host = hostOf(webhook.url);
              return (
                <>
                  <ActionIcon size={size} aria-label={t('webhooks.logOf', { host })} title={t('webhooks.logOf', { host })} onClick={() => setWatched(webhook)}>
                    <IconListDetails size={18} stroke={1.75} />
                  </ActionIcon>
                  {mayChange && (
                    <>
                      <ActionIcon
                        size={size}
                        loading={testing === webhook.id}
                        aria-label={t('webhooks.testOf', { host })}
                        title={t('webhooks.testOf', { host })}
                        onClick={() => void test(webhook)}
                      >
                        <IconSend size={18} stroke={1.75} />
                      </ActionIcon>
                      <RemoveButton label={t('webhooks.deleteOf', { host })} onClick={() => askToRemove(webhook)} />
                    </>
                  )}
                </>
              );
            }}
            empty={
              <EmptyState
                icon={<IconWebhook size={26} stroke={1.75} />}
                title={t('webhooks.none')}
                text={t('webhooks.noneText')}
                action={mayChange && add}
              />
            }
          />
        )}
      </Loaded>
      <Suspense>
        {adding && <WebhookForm onSaved={async () => void (await list.refetch())} onClose={() => setAdding(false)} />}
        {watched && <DeliveryLog webhook={watched} onClose={() => setWatched(null)} />}
      </Suspense>
      {removal}
    </Section>
  );
}
