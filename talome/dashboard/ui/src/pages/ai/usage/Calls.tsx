import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { Loaded } from '@/components/Loaded';
import { StateBadge } from '@/components/StateBadge';
import { Time } from '@/components/Time';
import { t } from '@/i18n';
import { whole } from '@/i18n/format';
import classes from '../Ai.module.css';
import { dollars } from '../money';
import { Section } from '@/components/Section';

type Call = components['schemas']['UsageEntry'];

const PAGE = 50;
const isFine = ({ status }: Call) => status < 400;

const COLUMNS: Column<Call>[] = [
  {
    id: 'model',
    label: t('ai.model'),
    value: ({ model }) => model,
    show: ({ model, served_model, served_provider }) => (
      <>
        <span className={classes.strong}>{model}</span>
        <span className={classes.below}>{[served_model, served_provider].filter(Boolean).join(' · ')}</span>
      </>
    ),
    width: '28%',
  },
  {
    id: 'state',
    label: t('ai.state'),
    value: ({ status }) => status,
    show: (call) => (
      <>
        <StateBadge
          state={isFine(call) ? { tone: 'ok', label: t(call.cached ? 'ai.answeredFromCache' : 'ai.answered') } : { tone: 'danger', label: t('ai.failed') }}
        />
        {call.error !== '' && <span className={classes.below}>{call.error}</span>}
      </>
    ),
  },
  {
    id: 'tokens',
    label: t('ai.tokenCount'),
    value: ({ input_tokens, output_tokens }) => input_tokens + output_tokens,
    show: ({ input_tokens, output_tokens }) => `${whole(input_tokens)} + ${whole(output_tokens)}`,
    end: true,
  },
  {
    id: 'time',
    label: t('ai.took'),
    value: ({ latency_ms }) => latency_ms,
    show: ({ latency_ms }) => (latency_ms === null ? '–' : t('ai.ms', { ms: whole(latency_ms) })),
    end: true,
  },
  { id: 'cost', label: t('ai.cost'), value: ({ charged_usd }) => charged_usd, show: ({ charged_usd }) => dollars(charged_usd), end: true },
  { id: 'at', label: t('ai.when'), value: ({ created_at }) => Date.parse(created_at), show: ({ created_at }) => <Time iso={created_at} />, end: true },
];

/** The calls themselves, the latest first. */
export function Calls({ everyone }: { everyone: boolean }) {
  const calls = useInfiniteQuery({
    queryKey: ['ai', 'calls', everyone],
    queryFn: ({ pageParam }) =>
      unwrap(api.GET('/v1/usage', { params: { query: { limit: PAGE, everyone, ...(pageParam !== '' && { before: pageParam }) } } })),
    initialPageParam: '',
    getNextPageParam: ({ data, has_more }) => (has_more ? data.at(-1)?.created_at : undefined),
    refetchInterval: 30_000,
  });
  return (
    <Section title={t('ai.latestCalls')}>
      <Loaded list={calls}>
        {({ pages }) => (
          <DataList
            name="ai.calls"
            label={t('ai.latestCalls')}
            columns={COLUMNS}
            rows={pages.flatMap(({ data }) => data)}
            rowKey={({ id }) => id}
            order={{ sort: 'at', descending: true }}
            empty={<p className={classes.text}>{t('ai.noCalls')}</p>}
          />
        )}
      </Loaded>
      {calls.hasNextPage && (
        <div>
          <Button variant="default" loading={calls.isFetchingNextPage} onClick={() => void calls.fetchNextPage()}>
            {t('ai.older')}
          </Button>
        </div>
      )}
    </Section>
  );
}
