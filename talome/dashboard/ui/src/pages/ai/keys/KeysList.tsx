import { ActionIcon, Button } from '@mantine/core';
import { IconKey, IconPencil, IconPlus } from '@tabler/icons-react';
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
import { Time } from '@/components/Time';
import { useRemoval } from '@/components/useRemoval';
import { t } from '@/i18n';
import classes from '../Ai.module.css';
import { dollars } from '../money';
import { Section } from '@/components/Section';
import { useAi } from '../useAi';

const KeyForm = lazy(() => import('./KeyForm'));

export type Key = components['schemas']['RuntimeKey'];

const COLUMNS: Column<Key>[] = [
  {
    id: 'name',
    label: t('ai.name'),
    value: ({ name }) => name,
    show: ({ name, keyPrefix, local_only }) => (
      <>
        <span className={classes.strong}>{name}</span>
        <span className={classes.below}>
          <span className={classes.code}>{keyPrefix}…</span> {local_only && <span className={classes.badge}>{t('ai.staysHere')}</span>}
        </span>
      </>
    ),
    width: '34%',
  },
  {
    id: 'workspace',
    label: t('ai.workspace'),
    value: ({ workspace_name }) => workspace_name,
    show: ({ workspace_name }) => workspace_name ?? '–',
  },
  {
    id: 'budget',
    label: t('ai.monthlyBudget'),
    value: ({ monthly_budget_usd }) => monthly_budget_usd,
    show: ({ monthly_budget_usd }) => (monthly_budget_usd === null ? t('ai.noBudget') : dollars(monthly_budget_usd)),
    end: true,
  },
  {
    id: 'used',
    label: t('ai.lastUsed'),
    value: ({ lastUsedAt }) => (lastUsedAt === null ? null : Date.parse(lastUsedAt)),
    show: ({ lastUsedAt }) => (lastUsedAt === null ? t('ai.never') : <Time iso={lastUsedAt} />),
    end: true,
  },
];

/** Keys for programs: each with its own budget, and revoked at once. */
export function KeysList() {
  const mayChange = useMay('gateway:write');
  const wide = useWide();
  const list = useAi('keys', () => unwrap(api.GET('/v1/keys')));
  const [edited, setEdited] = useState<Key | 'new' | null>(null);
  const [askToRemove, removal] = useRemoval<Key>({
    title: t('ai.revoke'),
    text: t('ai.revokeText'),
    confirmLabel: t('ai.revoke'),
    name: ({ name }) => name,
    remove: ({ id }) => unwrap(api.DELETE('/v1/keys/{id}', { params: { path: { id } } })),
    failed: (name) => t('ai.revokeOf', { name }),
    done: (name) => t('ai.revoked', { name }),
    refresh: list.refetch,
  });
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited('new')}>
      {t('ai.newKey')}
    </Button>
  );
  return (
    <Section title={t('ai.keys')} text={t('ai.keysText')}>
      <Loaded list={list}>
        {({ data }) => (
          <DataList
            name="ai.keys"
            label={t('ai.keys')}
            columns={COLUMNS}
            rows={data}
            rowKey={({ id }) => id}
            order={{ sort: 'name', descending: false }}
            tools={mayChange && data.length > 0 && add}
            actionsWidth={122}
            actions={
              mayChange
                ? (key) => (
                    <>
                      <ActionIcon size={wide ? 34 : 44} aria-label={t('ai.editOf', key)} title={t('ai.editOf', key)} onClick={() => setEdited(key)}>
                        <IconPencil size={18} stroke={1.75} />
                      </ActionIcon>
                      <RemoveButton label={t('ai.revokeOf', key)} onClick={() => askToRemove(key)} />
                    </>
                  )
                : undefined
            }
            empty={<EmptyState icon={<IconKey size={26} stroke={1.75} />} title={t('ai.noKeys')} text={t('ai.noKeysText')} action={mayChange && add} />}
          />
        )}
      </Loaded>
      <Suspense>
        {edited && (
          <KeyForm apiKey={edited === 'new' ? null : edited} onSaved={async () => void (await list.refetch())} onClose={() => setEdited(null)} />
        )}
      </Suspense>
      {removal}
    </Section>
  );
}
