import { ActionIcon, Button } from '@mantine/core';
import { IconCloud, IconPlugConnected, IconPlus } from '@tabler/icons-react';
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
import { relativeTime } from '@/i18n/format';
import classes from '../Ai.module.css';
import { Section } from '@/components/Section';
import { useAi } from '../useAi';
import { providerName } from './names';

const NewProviderKey = lazy(() => import('./NewProviderKey'));

type ProviderKey = components['schemas']['ProviderKey'];

const STATES: Record<ProviderKey['status'], State> = {
  active: { tone: 'ok', label: t('ai.active') },
  unverified: { tone: 'idle', label: t('ai.unverified') },
  cooling: { tone: 'warn', label: t('ai.cooling') },
  invalid: { tone: 'danger', label: t('ai.invalid') },
};
const titleOf = ({ label, provider }: ProviderKey) => label || providerName(provider);

const COLUMNS: Column<ProviderKey>[] = [
  {
    id: 'provider',
    label: t('ai.provider'),
    value: titleOf,
    show: (key) => (
      <>
        <span className={classes.strong}>{titleOf(key)}</span>
        <span className={classes.below}>{key.workspace_name ?? key.base_url}</span>
      </>
    ),
    width: '32%',
  },
  {
    id: 'status',
    label: t('ai.state'),
    value: ({ status }) => status,
    show: ({ status, estimated_reset_at }) => (
      <>
        <StateBadge state={STATES[status]} />
        {status === 'cooling' && estimated_reset_at !== null && (
          <span className={classes.below}>{t('ai.againAt', { when: relativeTime(estimated_reset_at) })}</span>
        )}
      </>
    ),
  },
  {
    id: 'models',
    label: t('ai.models'),
    value: ({ models }) => models,
    show: ({ models }) => t('ai.modelCount', { count: models }),
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

/** Keys of providers on the internet. A key is kept sealed, and only ever sent to its own provider. */
export function ProviderKeysList() {
  const mayChange = useMay('providers:write');
  const wide = useWide();
  const list = useAi('providers', () => unwrap(api.GET('/v1/provider-keys')));
  const [adding, setAdding] = useState(false);
  const check = async (key: ProviderKey) => {
    const name = titleOf(key);
    try {
      const { status } = await unwrap(api.POST('/v1/provider-keys/{id}/check', { params: { path: { id: key.id } } }));
      if (status === 'active') toast({ tone: 'ok', title: t('ai.keyWorks', { name }) });
      else toastError(t('ai.checkOf', { name }), new Error(STATES[status].label));
    } catch (error) {
      toastError(t('ai.checkOf', { name }), error);
    }
    await list.refetch();
  };
  const [askToRemove, removal] = useRemoval<ProviderKey>({
    title: t('ai.removeProvider'),
    text: t('ai.removeProviderText'),
    confirmLabel: t('ai.remove'),
    name: titleOf,
    remove: ({ id }) => unwrap(api.DELETE('/v1/provider-keys/{id}', { params: { path: { id } } })),
    failed: (name) => t('ai.removeOf', { name }),
    refresh: list.refetch,
  });
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      {t('ai.addProvider')}
    </Button>
  );
  return (
    <Section title={t('ai.providerKeys')} text={t('ai.providerKeysText')}>
      <Loaded list={list}>
        {({ data }) => (
          <DataList
            name="ai.providers"
            label={t('ai.providerKeys')}
            columns={COLUMNS}
            rows={data}
            rowKey={({ id }) => id}
            order={{ sort: 'provider', descending: false }}
            tools={mayChange && data.length > 0 && add}
            actionsWidth={122}
            actions={
              mayChange
                ? (key) => (
                    <>
                      <ActionIcon
                        size={wide ? 34 : 44}
                        aria-label={t('ai.checkOf', { name: titleOf(key) })}
                        title={t('ai.checkOf', { name: titleOf(key) })}
                        onClick={() => void check(key)}
                      >
                        <IconPlugConnected size={18} stroke={1.75} />
                      </ActionIcon>
                      <RemoveButton label={t('ai.removeOf', { name: titleOf(key) })} onClick={() => askToRemove(key)} />
                    </>
                  )
                : undefined
            }
            empty={
              <EmptyState
                icon={<IconCloud size={26} stroke={1.75} />}
                title={t('ai.noProviders')}
                text={t('ai.noProvidersText')}
                action={mayChange && add}
              />
            }
          />
        )}
      </Loaded>
      <Suspense>
        {adding && <NewProviderKey onAdded={async () => void (await list.refetch())} onClose={() => setAdding(false)} />}
      </Suspense>
      {removal}
    </Section>
  );
}
