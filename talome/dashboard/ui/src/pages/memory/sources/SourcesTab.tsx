import './texts';
import { Button, CloseButton, TextInput } from '@mantine/core';
import { IconBooks, IconFilterOff, IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { useMay } from '@/app/session';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { RemoveButton } from '@/components/RemoveButton';
import { Section } from '@/components/Section';
import { Time } from '@/components/Time';
import { useRemoval } from '@/components/useRemoval';
import { useSettled } from '@/components/useSettled';
import { t } from '@/i18n';
import { bytes, decimal } from '@/i18n/format';
import classes from '../Memory.module.css';
import { refreshMemory } from '../notes/forget';
import { Scores } from '../notes/Scores';
import { EVERYTHING, placeOf } from '../places';
import { isBusy, type Source } from './names';
import { SourceProgress } from './SourceProgress';

const SourceForm = lazy(() => import('./SourceForm'));
const [BUSY_MS, CALM_MS] = [1_000, 20_000];

const COLUMNS: Column<Source>[] = [
  {
    id: 'title',
    label: t('material.source'),
    value: ({ title }) => title,
    show: ({ id, title, kind, workspace_id, watched }) => (
      <>
        <Link to="/memory/sources/$id" params={{ id }} className={classes.cardTitle}>
          {title}
        </Link>
        <span className={classes.below}>
          {[t(`material.kind.${kind}`), workspace_id === null ? null : placeOf(workspace_id), watched ? t('material.watched') : null].filter(Boolean).join(' · ')}
        </span>
      </>
    ),
    width: '42%',
  },
  { id: 'state', label: t('material.state'), value: ({ state }) => state, show: (source) => <SourceProgress source={source} />, width: '22%' },
  { id: 'documents', label: t('material.documents'), value: ({ documents }) => documents, show: ({ documents }) => documents, end: true },
  { id: 'chunks', label: t('material.chunks'), value: ({ chunks }) => chunks, show: ({ chunks }) => chunks, end: true, wideOnly: true },
  { id: 'size', label: t('material.size'), value: ({ size_bytes }) => size_bytes, show: ({ size_bytes }) => bytes(size_bytes), end: true, wideOnly: true },
  {
    id: 'read',
    label: t('material.readAt'),
    value: ({ read_at }) => (read_at === null ? null : Date.parse(read_at)),
    show: ({ read_at }) => (read_at === null ? t('material.notYet') : <Time iso={read_at} />),
    end: true,
  },
];

/** What answers are drawn from: files, pages and texts, cut into pieces that can be cited. */
export default function SourcesTab() {
  const mayChange = useMay('memory:write');
  const client = useQueryClient();
  const [query, setQuery] = useState('');
  const [adding, setAdding] = useState(false);
  const settled = useSettled(query.trim());
  const list = useQuery({
    queryKey: ['memory', 'sources'],
    queryFn: () => unwrap(api.GET('/v1/memory/sources', { params: { query: { workspace_id: EVERYTHING, limit: 200 } } })),
    refetchInterval: ({ state }) => (state.data?.data.some(isBusy) ? BUSY_MS : CALM_MS),
  });
  const [askToRemove, removal] = useRemoval<Source>({
    title: t('material.removeTitle'),
    text: t('material.removeText'),
    confirmLabel: t('material.remove'),
    name: ({ title }) => title,
    remove: ({ id }) => unwrap(api.DELETE('/v1/memory/sources/{id}', { params: { path: { id } } })),
    failed: (title) => t('material.removeOf', { title }),
    done: (title) => t('material.removed', { title }),
    refresh: () => refreshMemory(client),
  });
  const add = mayChange && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      {t('material.add')}
    </Button>
  );
  return (
    <Section title={t('material.title')} text={t('material.text')}>
      <Loaded list={list}>
        {({ data }) => (
          <>
            {data.length > 0 && (
              <TextInput
                type="search"
                size="md"
                aria-label={t('material.search')}
                placeholder={t('material.search')}
                maxLength={2000}
                value={query}
                onChange={(event) => setQuery(event.currentTarget.value)}
                leftSection={<IconSearch size={18} stroke={1.75} />}
                rightSection={query !== '' && <CloseButton size="sm" aria-label={t('action.clear')} onClick={() => setQuery('')} />}
              />
            )}
            {settled !== '' ? (
              <Answers query={settled} onClear={() => setQuery('')} />
            ) : (
              <DataList
                name="memory.sources"
                label={t('material.title')}
                columns={COLUMNS}
                rows={data}
                rowKey={({ id }) => id}
                order={{ sort: 'read', descending: true }}
                tools={data.length > 0 && add}
                actions={mayChange ? (source) => <RemoveButton label={t('material.removeOf', source)} onClick={() => askToRemove(source)} /> : undefined}
                empty={<EmptyState icon={<IconBooks size={26} stroke={1.75} />} title={t('material.none')} text={t('material.noneText')} action={add} />}
              />
            )}
          </>
        )}
      </Loaded>
      <Suspense>{adding && <SourceForm onSaved={() => refreshMemory(client)} onClose={() => setAdding(false)} />}</Suspense>
      {removal}
    </Section>
  );
}

/** What the sources say to a question, each piece with where it stands. */
function Answers({ query, onClear }: { query: string; onClear: () => void }) {
  const list = useQuery({
    queryKey: ['memory', 'sources', 'search', query],
    queryFn: () => unwrap(api.POST('/v1/memory/sources/search', { body: { query, limit: 12, workspace_id: EVERYTHING } })),
    placeholderData: (before) => before,
  });
  return (
    <Loaded list={list}>
      {({ data, took_ms }) => (
        <>
          <p className={classes.told} role="status">
            {t('material.found', { count: data.length, ms: decimal(took_ms) })}
          </p>
          {data.length === 0 && (
            <EmptyState
              icon={<IconFilterOff size={26} stroke={1.75} />}
              title={t('memory.nothing')}
              text={t('memory.nothingText')}
              action={<Button onClick={onClear}>{t('list.clear')}</Button>}
            />
          )}
          <ul className={classes.cards} aria-label={t('material.answers')}>
            {data.map((found) => (
              <li key={found.chunk_id} className={classes.card}>
                <Link to="/memory/sources/$id" params={{ id: found.source_id }} hash={found.document_id} className={classes.cardTitle}>
                  {found.title}
                </Link>
                <blockquote className={classes.quote}>{found.text}</blockquote>
                <div className={classes.marks}>
                  <span className={classes.mark}>{found.place}</span>
                  {found.source_title !== found.title && <span>{found.source_title}</span>}
                  {found.url !== null && /^https?:/.test(found.url) && (
                    <a href={found.url} target="_blank" rel="noreferrer noopener" className={classes.link}>
                      {t('material.original')}
                    </a>
                  )}
                </div>
                <Scores
                  score={found.score}
                  why={found.why}
                  parts={[
                    [t('memory.score.words'), found.keyword_score],
                    [t('memory.score.meaning'), found.vector_score],
                  ]}
                />
              </li>
            ))}
          </ul>
        </>
      )}
    </Loaded>
  );
}
