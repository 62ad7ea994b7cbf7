import { Button, Skeleton } from '@mantine/core';
import { IconBox, IconFilterOff } from '@tabler/icons-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { ApiError } from '@/api/errors';
import type { Container } from '@/api/types';
import { useMay } from '@/app/session';
import { useWide } from '@/app/useWide';
import { AsOf } from '@/components/AsOf';
import { DockerDown } from '@/components/DockerDown';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import { useStored } from '@/components/useStored';
import { t } from '@/i18n';
import { useContainers } from '@/live/streams';
import { BulkBar } from './BulkBar';
import { Cards } from './Cards';
import classes from './Containers.module.css';
import { Table } from './Table';
import { Toolbar } from './Toolbar';
import { useSelection } from './useSelection';
import { useSteady } from './usage';
import { arrange, countByFilter, type Group, groupByProject, initialView, type View } from './view';

const NOTHING_TYPED = '';
const NONE: Container[] = [];

export default function ContainersPage() {
  const wide = useWide();
  // The page is there at once, and a list of hundreds as soon as it is made.
  const settled = useDeferredValue(true, false);
  const mayChange = useMay('containers:write');
  const { data, at, failure } = useContainers();
  const [view, changeView] = useStored<View>('containers', initialView);
  const [query, setQuery] = useState(NOTHING_TYPED);
  const containers = data?.containers;
  const shown = useMemo(() => arrange(containers ?? [], view, query), [containers, view, query]);
  const groups = useMemo(
    () => (view.grouped ? groupByProject(shown) : [{ project: null, containers: shown }]),
    [shown, view.grouped],
  );
  const selection = useSelection(containers);
  const steady = useSteady(containers ?? NONE);
  const drawn = groups.map(({ project, containers: members }) => ({ project, containers: members.map(steady) }));
  const fold = ({ project }: Group) => {
    const name = project ?? '';
    changeView({ folded: view.folded.includes(name) ? view.folded.filter((each) => each !== name) : [...view.folded, name] });
  };

  const clear = () => {
    changeView({ filter: 'all' });
    setQuery(NOTHING_TYPED);
  };
  const List = wide ? Table : Cards;
  return (
    <>
      <PageHead
        title={t('containers.title')}
        detail={containers && total(containers.length, shown.length)}
        actions={<AsOf at={at} />}
      />
      {data?.stale && <DockerDown reason={data.reason} />}
      {failure !== null && containers === undefined ? (
        <ErrorNotice what={t('containers.listFailed')} error={new ApiError(failure.error, failure.status, failure.code)} />
      ) : containers === undefined || !settled ? (
        <ListSkeleton />
      ) : containers.length === 0 ? (
        <EmptyState icon={<IconBox size={26} stroke={1.75} />} title={t('containers.empty')} text={t('containers.emptyText')} />
      ) : (
        <>
          <Toolbar
            view={view}
            onView={changeView}
            query={query}
            onQuery={setQuery}
            counts={countByFilter(containers)}
            wide={wide}
          />
          {shown.length === 0 ? (
            <EmptyState
              icon={<IconFilterOff size={26} stroke={1.75} />}
              title={t('containers.noMatch')}
              text={t('containers.noMatchText')}
              action={<Button onClick={clear}>{t('containers.clearFilters')}</Button>}
            />
          ) : (
            <List
              groups={drawn}
              grouped={view.grouped}
              folded={view.folded}
              onFold={fold}
              view={view}
              onView={changeView}
              selection={selection}
            />
          )}
          <BulkBar selection={selection} mayChange={mayChange} />
        </>
      )}
    </>
  );
}

const total = (all: number, shown: number) =>
  all === shown ? t('containers.count', { count: all }) : t('containers.shown', { shown, total: all });

function ListSkeleton() {
  return (
    <div role="status" aria-label={t('app.loading')}>
      <Skeleton height={38} mb={16} />
      <div className={classes.surface} aria-hidden>
        {[0, 1, 2, 3, 4, 5, 6].map((key) => (
          <div key={key} className={classes.skeletonRow}>
            <Skeleton height={36} width={36} radius={10} />
            <Skeleton height={14} width="24%" />
            <Skeleton height={14} width="12%" />
            <Skeleton height={14} width="40%" />
          </div>
        ))}
      </div>
    </div>
  );
}
