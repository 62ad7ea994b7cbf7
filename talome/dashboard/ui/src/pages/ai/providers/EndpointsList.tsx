import { ActionIcon, Button } from '@mantine/core';
import { IconPencil, IconPlus, IconRefresh, IconServer2 } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { useMay } from '@/app/session';
import { useWide } from '@/app/useWide';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { RemoveButton } from '@/components/RemoveButton';
import { StateBadge } from '@/components/StateBadge';
import { Time } from '@/components/Time';
import { toast, toastError } from '@/components/toasts';
import { useRemoval } from '@/components/useRemoval';
import type { State } from '@/domain/containers';
import { t } from '@/i18n';
import classes from '../Ai.module.css';
import { Section } from '@/components/Section';
import { useAi } from '../useAi';

const EndpointForm = lazy(() => import('./EndpointForm'));

export type Endpoint = components['schemas']['LocalEndpoint'];

const STATES: Record<Endpoint['status'], State> = {
  healthy: { tone: 'ok', label: t('ai.healthy') },
  unreachable: { tone: 'danger', label: t('ai.unreachable') },
  refused: { tone: 'warn', label: t('ai.refused') },
  disabled: { tone: 'idle', label: t('ai.disabled') },
};

const COLUMNS: Column<Endpoint>[] = [
  {
    id: 'label',
    label: t('ai.name'),
    value: ({ label, url }) => label || url,
    show: ({ label, url, runtime }) => (
      <>
        <span className={classes.strong}>{label || runtime}</span>
        <span className={classes.below}>{url}</span>
      </>
    ),
    width: '30%',
  },
  {
    id: 'status',
    label: t('ai.state'),
    value: ({ status }) => status,
    show: ({ status, status_reason }) => (
      <>
        <StateBadge state={STATES[status]} />
        {status_reason !== null && <span className={classes.below}>{status_reason}</span>}
      </>
    ),
  },
  {
    id: 'models',
    label: t('ai.models'),
    value: ({ models }) => models.length,
    show: ({ models, default_model }) => (
      <>
        {t('ai.modelCount', { count: models.length })}
        <span className={classes.below}>{default_model ?? models.slice(0, 2).join(', ')}</span>
      </>
    ),
  },
  {
    id: 'success',
    label: t('ai.lastSuccess'),
    value: ({ last_success_at }) => (last_success_at === null ? null : Date.parse(last_success_at)),
    show: ({ last_success_at }) => (last_success_at === null ? t('ai.never') : <Time iso={last_success_at} />),
    end: true,
    width: '14%',
  },
];

/** Servers of models in the own network: they are asked first, and cost nothing. */
export function EndpointsList() {
  const mayChange = useMay('providers:write');
  const wide = useWide();
  const list = useAi('endpoints', () => unwrap(api.GET('/v1/local-endpoints')));
  const [edited, setEdited] = useState<Endpoint | 'new' | null>(null);
  const recheck = async (endpoint: Endpoint) => {
    try {
      const { status, models } = await unwrap(api.POST('/v1/local-endpoints/{id}/recheck', { params: { path: { id: endpoint.id } } }));
      if (status === 'healthy') toast({ tone: 'ok', title: t('ai.answers', { count: models.length }) });
      else toastError(t('ai.recheckOf', { name: endpoint.label || endpoint.url }), new Error(STATES[status].label));
    } catch (error) {
      toastError(t('ai.recheckOf', { name: endpoint.label || endpoint.url }), error);
    }
    await list.refetch();
  };
  const [askToRemove, removal] = useRemoval<Endpoint>({
    title: t('ai.removeEndpoint'),
    text: t('ai.removeEndpointText'),
    confirmLabel: t('ai.remove'),
    name: ({ label, url }) => label || url,
    remove: ({ id }) => unwrap(api.DELETE('/v1/local-endpoints/{id}', { params: { path: { id } } })),
    failed: (name) => t('ai.removeOf', { name }),
    refresh: list.refetch,
  });
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited('new')}>
      {t('ai.addEndpoint')}
    </Button>
  );
  const size = wide ? 34 : 44;
  return (
    <Section title={t('ai.endpoints')} text={t('ai.endpointsText')}>
      <Loaded list={list}>
        {({ data }) => (
          <DataList
            name="ai.endpoints"
            label={t('ai.endpoints')}
            columns={COLUMNS}
            rows={data}
            rowKey={({ id }) => id}
            order={{ sort: 'label', descending: false }}
            tools={mayChange && data.length > 0 && add}
            actionsWidth={164}
            actions={
              mayChange
                ? (endpoint) => {
                    const name = endpoint.label || endpoint.url;
                    return (
                      <>
                        <ActionIcon size={size} aria-label={t('ai.recheckOf', { name })} title={t('ai.recheckOf', { name })} onClick={() => void recheck(endpoint)}>
                          <IconRefresh size={18} stroke={1.75} />
                        </ActionIcon>
                        <ActionIcon size={size} aria-label={t('ai.editOf', { name })} title={t('ai.editOf', { name })} onClick={() => setEdited(endpoint)}>
                          <IconPencil size={18} stroke={1.75} />
                        </ActionIcon>
                        <RemoveButton label={t('ai.removeOf', { name })} onClick={() => askToRemove(endpoint)} />
                      </>
                    );
                  }
                : undefined
            }
            empty={
              <EmptyState
                icon={<IconServer2 size={26} stroke={1.75} />}
                title={t('ai.noEndpoints')}
                text={t('ai.noEndpointsText')}
                action={mayChange && add}
              />
            }
          />
        )}
      </Loaded>
      <Suspense>
        {edited && (
          <EndpointForm
            endpoint={edited === 'new' ? null : edited}
            onSaved={async () => void (await list.refetch())}
            onClose={() => setEdited(null)}
          />
        )}
      </Suspense>
      {removal}
    </Section>
  );
}
