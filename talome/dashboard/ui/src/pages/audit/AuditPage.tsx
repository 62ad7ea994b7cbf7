import './texts';
import { Button, Skeleton } from '@mantine/core';
import { IconFilterOff, IconListDetails } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { api, unwrap } from '@/api/client';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import { t } from '@/i18n';
import classes from './Audit.module.css';
import { EntryRow } from './EntryRow';
import { Export } from './Export';
import { FilterBar } from './FilterBar';
import { asQuery, type Filters, readFilters } from './filters';
import { targetOf } from './sentence';
import { useNames } from './useNames';

const PAGE = 100;

/** Who did what, the latest first. */
export default function AuditPage() {
  const filters = readFilters(useSearch({ strict: false }));
  const navigate = useNavigate();
  const names = useNames();
  const query = asQuery(filters);
  const log = useInfiniteQuery({
    queryKey: ['audit', query],
    queryFn: ({ pageParam }) =>
      unwrap(api.GET('/api/audit-log', { params: { query: { ...query, limit: PAGE, ...(pageParam && { before: pageParam }) } } })),
    initialPageParam: 0,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });
  const choose = (change: Filters) =>
    void navigate({ to: '/audit', search: readFilters({ ...filters, ...change }) as never, replace: true });
  const clear = () => void navigate({ to: '/audit', search: {} as never, replace: true });
  const entries = log.data?.pages.flatMap((page) => page.entries);
  const narrowed = Object.keys(filters).length > 0;
  return (
    <>
      <PageHead title={t('audit.title')} detail={t('audit.intro')} actions={<Export query={query} />} />
      <FilterBar filters={filters} onChoose={choose} onClear={clear} />
      {log.error !== null ? (
        <ErrorNotice error={log.error} onRetry={() => void log.refetch()} />
      ) : entries === undefined ? (
        <Skeleton height={420} radius={14} />
      ) : entries.length === 0 ? (
        <EmptyState
          icon={narrowed ? <IconFilterOff size={26} stroke={1.75} /> : <IconListDetails size={26} stroke={1.75} />}
          title={t(narrowed ? 'audit.noMatch' : 'audit.empty')}
          text={t(narrowed ? 'audit.noMatchText' : 'audit.emptyText')}
          action={narrowed ? <Button onClick={clear}>{t('audit.clear')}</Button> : undefined}
        />
      ) : (
        <ul className={classes.list} aria-busy={log.isPlaceholderData || undefined}>
          {entries.map((entry) => (
            <EntryRow key={entry.id} entry={entry} target={targetOf(entry, names)} />
          ))}
        </ul>
      )}
      {log.hasNextPage && (
        <div className={classes.more}>
          <Button variant="default" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            {t('audit.older')}
          </Button>
        </div>
      )}
    </>
  );
}
