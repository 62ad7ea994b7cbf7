import { NativeSelect } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { components, operations } from '@/api/schema';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { Loaded } from '@/components/Loaded';
import { useStored } from '@/components/useStored';
import { t } from '@/i18n';
import { whole } from '@/i18n/format';
import classes from '../Ai.module.css';
import { dollars } from '../money';
import { Section } from '@/components/Section';

type Group = components['schemas']['UsageGroup'];
type GroupBy = NonNullable<NonNullable<operations['usage.breakdown']['parameters']['query']>['group_by']>;

const GROUPS: GroupBy[] = ['model', 'api_key', 'workspace', 'feature', 'source', 'request_type', 'user'];

const COLUMNS: Column<Group>[] = [
  {
    id: 'name',
    label: t('ai.name'),
    value: ({ name, key }) => name ?? key ?? '',
    show: ({ name, key }) => <span className={classes.strong}>{name ?? key ?? t('ai.none')}</span>,
    width: '34%',
  },
  { id: 'requests', label: t('ai.calls'), value: ({ requests }) => requests, show: ({ requests }) => whole(requests), end: true },
  { id: 'tokens', label: t('ai.tokenCount'), value: ({ total_tokens }) => total_tokens, show: ({ total_tokens }) => whole(total_tokens), end: true },
  { id: 'cache', label: t('ai.fromCache'), value: ({ cache_hits }) => cache_hits, show: ({ cache_hits }) => whole(cache_hits), end: true },
  {
    id: 'time',
    label: t('ai.typicalTime'),
    value: ({ latency_ms }) => latency_ms.p50 ?? null,
    show: ({ latency_ms }) => (latency_ms.p50 == null ? '–' : t('ai.ms', { ms: whole(latency_ms.p50) })),
    end: true,
  },
  { id: 'cost', label: t('ai.cost'), value: ({ charged_usd }) => charged_usd, show: ({ charged_usd }) => dollars(charged_usd), end: true },
];

/** The same sum, cut by model, key, workspace or what else the calls have in common. */
export function Breakdown({ days, everyone }: { days: number; everyone: boolean }) {
  const [{ by }, choose] = useStored('ai.breakdown', { by: 'model' as string });
  const group_by = GROUPS.find((each) => each === by) ?? 'model';
  const query = { days, everyone, group_by };
  const groups = useQuery({
    queryKey: ['ai', 'breakdown', query],
    queryFn: () => unwrap(api.GET('/v1/usage/breakdown', { params: { query } })),
    placeholderData: keepPreviousData,
  });
  const choice = (
    <NativeSelect
      aria-label={t('ai.groupBy')}
      value={group_by}
      onChange={(event) => choose({ by: event.currentTarget.value })}
      data={GROUPS.filter((each) => everyone || each !== 'user').map((each) => ({ value: each, label: t(`ai.by.${each}`) }))}
    />
  );
  return (
    <Section title={t('ai.breakdown')}>
      <Loaded list={groups}>
        {({ data }) => (
          <DataList
            name="ai.groups"
            label={t('ai.breakdown')}
            columns={COLUMNS}
            rows={data}
            rowKey={({ key }) => key ?? ''}
            order={{ sort: 'cost', descending: true }}
            tools={choice}
            empty={<p className={classes.text}>{t('ai.noCalls')}</p>}
          />
        )}
      </Loaded>
    </Section>
  );
}
