import { CloseButton, Skeleton, TextInput } from '@mantine/core';
import { IconSearch, IconZoomCancel } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { SettingSchema, SettingState } from '@/api/types';
import { useMay } from '@/app/session';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import { t } from '@/i18n';
import { SaveBar } from './SaveBar';
import { SettingRow } from './SettingRow';
import classes from './Settings.module.css';
import { STATES, useDrafts } from './useDrafts';
import { grouped } from './values';

const REFRESH_MS = 15_000;

/** Everything that can be set, made from what the features declare. */
export default function SettingsPage() {
  const schema = useQuery({
    queryKey: ['settings', 'schema'],
    queryFn: () => unwrap(api.GET('/api/settings/schema')),
    staleTime: Infinity,
  });
  const states = useQuery({
    queryKey: STATES,
    queryFn: () => unwrap(api.GET('/api/settings/states')),
    refetchInterval: REFRESH_MS,
  });
  const failed = schema.error ?? (states.data === undefined ? states.error : null);
  const retry = () => void Promise.all([schema.refetch(), states.refetch()]);
  return (
    <div className={classes.page}>
      <PageHead title={t('settings.title')} detail={t('settings.intro')} />
      {failed !== null ? (
        <ErrorNotice error={failed} what={t('settings.loadFailed')} onRetry={retry} />
      ) : schema.data === undefined || states.data === undefined ? (
        <Loading />
      ) : (
        <Everything schemas={schema.data} states={states.data} />
      )}
    </div>
  );
}

function Everything({ schemas, states }: { schemas: SettingSchema[]; states: SettingState[] }) {
  const mayChange = useMay('settings:write');
  const byKey = useMemo(() => new Map(schemas.map((schema) => [schema.key, schema])), [schemas]);
  const stateOf = useMemo(() => new Map(states.map((state) => [state.key, state])), [states]);
  const editing = useDrafts(byKey, stateOf);
  const [query, setQuery] = useState('');
  const wanted = useWanted(byKey, () => setQuery(''));
  const groups = useMemo(() => grouped(schemas, query), [schemas, query]);
  return (
    <>
      <TextInput
        className={classes.search}
        type="search"
        aria-label={t('settings.search')}
        placeholder={t('settings.search')}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        leftSection={<IconSearch size={16} stroke={1.75} />}
        rightSection={query !== '' && <CloseButton size="sm" aria-label={t('action.clear')} onClick={() => setQuery('')} />}
      />
      {!mayChange && <p className={classes.note}>{t('settings.readOnly')}</p>}
      {groups.length === 0 && (
        <EmptyState icon={<IconZoomCancel size={26} stroke={1.75} />} title={t('settings.noMatch')} text={t('settings.noMatchText', { query })} />
      )}
      {groups.map(({ name, settings }) => (
        <section key={name} className={classes.group} aria-labelledby={`group ${name}`.replace(/\s+/g, '-')}>
          <h2 className={classes.groupTitle} id={`group ${name}`.replace(/\s+/g, '-')}>
            {name}
          </h2>
          <ul className={classes.rows}>
            {settings.map((schema) => {
              const state = stateOf.get(schema.key);
              if (state === undefined) return null;
              return (
                <SettingRow key={schema.key} schema={schema} state={state} editing={mayChange ? editing : null} wanted={wanted === schema.key} />
              );
            })}
          </ul>
        </section>
      ))}
      {mayChange && <SaveBar editing={editing} schemas={byKey} states={stateOf} onShow={() => setQuery('')} />}
    </>
  );
}

/** The setting that the address names, brought into view. */
function useWanted(schemas: Map<string, SettingSchema>, clearSearch: () => void): string | null {
  const { hash } = useLocation();
  const wanted = schemas.has(hash) ? hash : null;
  useEffect(() => {
    if (wanted === null) return;
    clearSearch();
    // The row may be hidden by the search until the next frame.
    const frame = requestAnimationFrame(() => {
      const row = document.getElementById(wanted);
      row?.scrollIntoView({ block: 'center' });
      row?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only a new address moves the page
  }, [wanted]);
  return wanted;
}

function Loading() {
  return (
    <div role="status" aria-label={t('app.loading')}>
      <Skeleton height={42} mb={28} />
      <div className={classes.rows} aria-hidden>
        {[0, 1, 2, 3].map((key) => (
          <div key={key} className={classes.row}>
            <Skeleton height={14} width="38%" />
            <Skeleton height={12} width="62%" mt={10} />
          </div>
        ))}
      </div>
    </div>
  );
}
