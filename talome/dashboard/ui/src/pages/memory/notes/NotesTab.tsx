import { Button, CloseButton, NativeSelect, SegmentedControl, Switch, TextInput } from '@mantine/core';
import { IconBrain, IconFilterOff, IconPlus, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { useMay } from '@/app/session';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { useSettled } from '@/components/useSettled';
import { t } from '@/i18n';
import { decimal } from '@/i18n/format';
import classes from '../Memory.module.css';
import { useSearchPlaces } from '../places';
import { ForgottenList } from './ForgottenList';
import { forget, refreshMemory } from './forget';
import { kindOf, KINDS, type Note, type ScoredNote } from './names';
import { NoteCard } from './NoteCard';

const NoteForm = lazy(() => import('./NoteForm'));

interface Filters {
  query: string;
  place: string;
  kind: string;
  tag: string;
  history: boolean;
}

/** What fits less than this is not worth showing. */
const LEAST = 0.05;
const NONE: Filters = { query: '', place: '', kind: '', tag: '', history: false };

/** The notes: what was asked for, or all of them with the latest first; or what was forgotten. */
export default function NotesTab() {
  const mayChange = useMay('memory:write');
  const client = useQueryClient();
  const [view, setView] = useState('kept');
  const [filters, setFilters] = useState<Filters>(NONE);
  const [edited, setEdited] = useState<Note | 'new' | null>(null);
  const settled = useSettled(filters);
  const change = (part: Partial<Filters>) => setFilters((before) => ({ ...before, ...part }));
  const actions = mayChange ? { onEdit: setEdited, onForget: (note: Note) => void forget(client, note) } : {};
  return (
    <div className={classes.stack}>
      <div className={classes.tools}>
        <SegmentedControl
          aria-label={t('memory.view')}
          value={view}
          onChange={setView}
          data={[
            { value: 'kept', label: t('memory.notes') },
            { value: 'forgotten', label: t('memory.forgottenNotes') },
          ]}
        />
        {mayChange && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited('new')}>
            {t('memory.add')}
          </Button>
        )}
      </div>
      {view === 'forgotten' ? (
        <ForgottenList />
      ) : (
        <>
          <FilterBar filters={filters} onChange={change} />
          {settled.query.trim() === '' ? (
            <Latest filters={settled} actions={actions} onClear={() => setFilters(NONE)} />
          ) : (
            <Found filters={settled} actions={actions} onClear={() => setFilters(NONE)} />
          )}
        </>
      )}
      <Suspense>
        {edited && <NoteForm note={edited === 'new' ? null : edited} onSaved={() => refreshMemory(client)} onClose={() => setEdited(null)} />}
      </Suspense>
    </div>
  );
}

function FilterBar({ filters, onChange }: { filters: Filters; onChange: (part: Partial<Filters>) => void }) {
  const places = useSearchPlaces();
  const asking = filters.query.trim() !== '';
  return (
    <div className={classes.filters} role="search" aria-label={t('memory.search')}>
      <TextInput
        className={classes.question}
        type="search"
        size="md"
        aria-label={t('memory.search')}
        placeholder={t('memory.searchHint')}
        maxLength={2000}
        value={filters.query}
        onChange={(event) => onChange({ query: event.currentTarget.value })}
        leftSection={<IconSearch size={18} stroke={1.75} />}
        rightSection={filters.query !== '' && <CloseButton size="sm" aria-label={t('action.clear')} onClick={() => onChange({ query: '' })} />}
      />
      <NativeSelect aria-label={t('memory.place')} size="md" value={filters.place} onChange={(event) => onChange({ place: event.currentTarget.value })} data={places} />
      <NativeSelect
        aria-label={t('memory.kindOf')}
        size="md"
        value={filters.kind}
        onChange={(event) => onChange({ kind: event.currentTarget.value })}
        data={[{ value: '', label: t('memory.everyKind') }, ...KINDS.map((value) => ({ value, label: kindOf(value) }))]}
      />
      <TextInput
        aria-label={t('memory.tag')}
        placeholder={t('memory.tag')}
        size="md"
        autoCapitalize="none"
        maxLength={64}
        value={filters.tag}
        onChange={(event) => onChange({ tag: event.currentTarget.value.trim().replace(/^#/, '') })}
      />
      {asking && <Switch label={t('memory.withHistory')} checked={filters.history} onChange={(event) => onChange({ history: event.currentTarget.checked })} />}
    </div>
  );
}

interface ListProps {
  filters: Filters;
  actions: { onEdit?: (note: Note) => void; onForget?: (note: Note) => void };
  onClear: () => void;
}

const shared = ({ place }: Filters) => ({ ...(place && { workspace_id: place }) });

function Found({ filters, actions, onClear }: ListProps) {
  const { query, kind, tag, history } = filters;
  const list = useQuery({
    queryKey: ['memory', 'search', filters],
    queryFn: () =>
      unwrap(
        api.GET('/v1/memory/search', {
          params: {
            query: {
              query,
              limit: 25,
              min_score: LEAST,
              include_history: history,
              ...(kind && { kinds: [kind] }),
              ...(tag && { tags: [tag] }),
              ...shared(filters),
            },
          },
        }),
      ),
    placeholderData: (before) => before,
  });
  return (
    <Loaded list={list}>
      {({ data, took_ms }) => (
        <>
          <p className={classes.told} role="status">
            {t('memory.found', { count: data.length, ms: decimal(took_ms) })}
          </p>
          <Cards notes={data} actions={actions} />
          {data.length === 0 && <Nothing onClear={onClear} />}
        </>
      )}
    </Loaded>
  );
}

function Latest({ filters, actions, onClear }: ListProps) {
  const { kind, tag } = filters;
  const list = useInfiniteQuery({
    queryKey: ['memory', 'notes', filters],
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET('/v1/memory/notes', {
          params: { query: { limit: 30, ...(pageParam && { cursor: pageParam }), ...(kind && { kind }), ...(tag && { tag }), ...shared(filters) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next,
    placeholderData: (before) => before,
  });
  const filtered = kind !== '' || tag !== '' || filters.place !== '';
  return (
    <Loaded list={list}>
      {({ pages }) => {
        const notes = pages.flatMap(({ data }) => data);
        if (notes.length === 0) return filtered ? <Nothing onClear={onClear} /> : <NoneYet />;
        return (
          <>
            <Cards notes={notes} actions={actions} />
            {list.hasNextPage && (
              <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                {t('memory.more')}
              </Button>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function Cards({ notes, actions }: { notes: (Note | ScoredNote)[]; actions: ListProps['actions'] }) {
  return (
    <ul className={classes.cards} aria-label={t('memory.notes')}>
      {notes.map((note) => (
        <NoteCard key={note.id} note={note} {...actions} />
      ))}
    </ul>
  );
}

function Nothing({ onClear }: { onClear: () => void }) {
  return (
    <EmptyState
      icon={<IconFilterOff size={26} stroke={1.75} />}
      title={t('memory.nothing')}
      text={t('memory.nothingText')}
      action={<Button onClick={onClear}>{t('list.clear')}</Button>}
    />
  );
}

function NoneYet() {
  return <EmptyState icon={<IconBrain size={26} stroke={1.75} />} title={t('memory.none')} text={t('memory.noneText')} />;
}
