import './texts';
import { Button, Checkbox, CloseButton, NativeSelect, Progress, Skeleton, TextInput } from '@mantine/core';
import { IconBuildingStore, IconPencil, IconSearch, IconSearchOff } from '@tabler/icons-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useDeferredValue, useMemo } from 'react';
import type { Job } from '@/api/types';
import { useMay } from '@/app/session';
import { useWide } from '@/app/useWide';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import type { AppSummary } from '@/domain/apps';
import { t } from '@/i18n';
import { useJobs } from '@/live/streams';
import { isGoing } from '../apps/parts/JobProgress';
import { asSearch, type Filters, narrow, readFilters, shelves } from './catalog';
import { Discover } from './Discover';
import { Grid } from './Grid';
import classes from './Store.module.css';
import { useCatalog, useSimilar } from './useCatalog';

const NONE: AppSummary[] = [];
const EVERYTHING: Filters = { q: '', category: null, store: null, fitting: false };

/** All apps of all stores. What is looked for is in the address, so that Back leads back to it. */
export default function StorePage() {
  const catalog = useCatalog();
  const navigate = useNavigate();
  const maySeeStores = useMay('stores:read');
  const apps = catalog.data ?? NONE;
  const categories = useMemo(() => shelves(apps), [apps]);
  const search: Record<string, unknown> = useSearch({ strict: false });
  const filters = readFilters(search, categories.map(({ category }) => category));
  const change = (part: Partial<Filters>) =>
    void navigate({ to: '/store', search: asSearch({ ...filters, ...part }), replace: true, resetScroll: false });
  const stores = useMemo(() => new Map(apps.map(({ store, storeName }) => [store, storeName])), [apps]);
  return (
    <>
      <PageHead
        title={t('store.title')}
        detail={catalog.data && t('store.count', { count: apps.length })}
        actions={
          maySeeStores && (
            <>
              <Button
                variant="default"
                leftSection={<IconPencil size={18} stroke={1.75} />}
                renderRoot={(props) => <Link to="/store/-/own" {...props} />}
              >
                {t('store.own')}
              </Button>
              <Button
                variant="default"
                leftSection={<IconBuildingStore size={18} stroke={1.75} />}
                renderRoot={(props) => <Link to="/store/-/sources" {...props} />}
              >
                {t('store.sources')}
              </Button>
            </>
          )
        }
      />
      {catalog.error !== null && catalog.data === undefined ? (
        <ErrorNotice what={t('store.failed')} error={catalog.error} onRetry={() => void catalog.refetch()} />
      ) : catalog.data === undefined ? (
        <StoreSkeleton />
      ) : apps.length === 0 ? (
        <NoApps />
      ) : (
        <>
          <Tools filters={filters} apps={apps} stores={stores} onChange={change} />
          <Chips shelves={categories} chosen={filters.category} onChoose={(category) => change({ category })} />
          <Found apps={apps} filters={filters} sourced={stores.size > 1} onChange={change} />
        </>
      )}
    </>
  );
}

interface ToolsProps {
  filters: Filters;
  apps: AppSummary[];
  stores: Map<string, string>;
  onChange: (part: Partial<Filters>) => void;
}

function Tools({ filters, apps, stores, onChange }: ToolsProps) {
  const wide = useWide();
  const some = apps.some(({ compatible }) => !compatible);
  return (
    <div className={classes.tools} role="search">
      <TextInput
        className={classes.search}
        size="md"
        type="search"
        aria-label={t('store.search')}
        placeholder={t('store.searchHint')}
        value={filters.q}
        onChange={(event) => onChange({ q: event.currentTarget.value })}
        leftSection={<IconSearch size={18} stroke={1.75} />}
        rightSection={filters.q !== '' && <CloseButton aria-label={t('action.clear')} onClick={() => onChange({ q: '' })} />}
      />
      {stores.size > 1 && (
        <NativeSelect
          size="md"
          aria-label={t('store.source')}
          value={filters.store ?? ''}
          onChange={(event) => onChange({ store: event.currentTarget.value || null })}
          data={[{ value: '', label: t('store.everySource') }, ...[...stores].map(([value, label]) => ({ value, label }))]}
        />
      )}
      {some && (
        <Checkbox
          className={classes.fitting}
          size={wide ? 'sm' : 'md'}
          label={t('store.onlyFitting')}
          checked={filters.fitting}
          onChange={(event) => onChange({ fitting: event.currentTarget.checked })}
        />
      )}
    </div>
  );
}

interface ChipsProps {
  shelves: ReturnType<typeof shelves>;
  chosen: Filters['category'];
  onChoose: (category: Filters['category']) => void;
}

function Chips({ shelves: all, chosen, onChoose }: ChipsProps) {
  return (
    <div className={classes.chips} role="group" aria-label={t('store.categories')}>
      <button type="button" className={classes.chip} aria-pressed={chosen === null} onClick={() => onChoose(null)}>
        {t('store.all')}
      </button>
      {all.map(({ category, apps }) => (
        <button
          key={category}
          type="button"
          className={classes.chip}
          aria-pressed={chosen === category}
          onClick={() => onChoose(chosen === category ? null : category)}
        >
          {t(`category.${category}`)}
          <span className="num">{apps.length}</span>
        </button>
      ))}
    </div>
  );
}

interface FoundProps {
  apps: AppSummary[];
  filters: Filters;
  sourced: boolean;
  onChange: (part: Partial<Filters>) => void;
}

function Found({ apps, filters, sourced, onChange }: FoundProps) {
  const wanted = useDeferredValue(filters);
  const { q, category, store, fitting } = wanted;
  const found = useMemo(() => narrow(apps, { q, category, store, fitting }), [apps, q, category, store, fitting]);
  const similar = useSimilar(q, found.length === 0);
  if (q.trim() === '' && category === null) {
    return <Discover apps={found} sourced={sourced} onCategory={(chosen) => onChange({ category: chosen })} />;
  }
  if (found.length > 0) {
    return (
      <>
        <p className={classes.total} role="status">
          {t('store.found', { found: found.length, total: apps.length })}
        </p>
        <Grid key={`${q} ${category}`} apps={found} sourced={sourced} />
      </>
    );
  }
  const close = similar.data?.apps ?? NONE;
  if (close.length > 0) {
    return (
      <>
        <p className={classes.total} role="status">
          {t('store.similar')}
        </p>
        <Grid apps={close} sourced={sourced} />
      </>
    );
  }
  if (similar.isFetching) return <StoreSkeleton />;
  return (
    <EmptyState
      icon={<IconSearchOff size={26} stroke={1.75} />}
      title={t('store.nothing')}
      text={t('store.nothingText')}
      action={<Button onClick={() => onChange(EVERYTHING)}>{t('store.clear')}</Button>}
    />
  );
}

function NoApps() {
  const mayAdd = useMay('stores:write');
  const reading = useJobs(useMay('jobs:read')).data?.find((job) => job.kind === 'stores.sync' && isGoing(job));
  if (reading !== undefined) return <FirstReading job={reading} />;
  return (
    <EmptyState
      icon={<IconBuildingStore size={26} stroke={1.75} />}
      title={t('store.none')}
      text={t(mayAdd ? 'store.noneText' : 'store.noneAsk')}
      action={
        mayAdd && (
          <Button renderRoot={(props) => <Link to="/store/-/sources" hash="add" {...props} />}>{t('store.addStore')}</Button>
        )
      }
    />
  );
}

/** A store is read for the first time, and nothing is there to be shown before that. */
function FirstReading({ job: { title, stage, done, total } }: { job: Job }) {
  const part = done !== null && total ? (done / total) * 100 : 100;
  return (
    <EmptyState
      icon={<IconBuildingStore size={26} stroke={1.75} />}
      title={t('store.reading')}
      text={t('store.readingText')}
      action={
        <div className={classes.reading} role="status">
          <Progress size={8} radius="xl" value={part} animated={total === null} aria-label={title} transitionDuration={160} />
          <span className="dim">{stage === null ? title : `${title} · ${stage}`}</span>
        </div>
      }
    />
  );
}

function StoreSkeleton() {
  return (
    <div className={classes.grid} role="status" aria-label={t('app.loading')}>
      {[0, 1, 2, 3, 4, 5, 6, 7, 8].map((key) => (
        <Skeleton key={key} height={104} radius={14} />
      ))}
    </div>
  );
}
