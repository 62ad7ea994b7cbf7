import { Skeleton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { Container } from '@/api/types';
import { CopyButton } from '@/components/CopyButton';
import { ErrorNotice } from '@/components/ErrorNotice';
import { t } from '@/i18n';
import classes from './Detail.module.css';
import { findLines, keyOf, opens, toLines, withoutFolded } from './inspect';

/** Docker's own description of a container, searchable by keys and values. */
export function InspectTab({ container }: { container: Container }) {
  const [query, setQuery] = useState('');
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set());
  const inspect = useQuery({
    queryKey: ['containers', container.id, 'inspect', container.state],
    queryFn: () => unwrap(api.GET('/api/containers/{id}/inspect', { params: { path: { id: container.id } } })),
  });
  const json = useMemo(() => JSON.stringify(inspect.data ?? {}, null, 2), [inspect.data]);
  const found = useMemo(() => findLines(toLines(json), query), [json, query]);
  const lines = query.trim() === '' ? withoutFolded(found, folded) : found;
  if (inspect.error !== null) {
    return <ErrorNotice what={t('inspect.failed')} error={inspect.error} onRetry={() => void inspect.refetch()} />;
  }
  if (inspect.data === undefined) return <Skeleton height={420} radius={14} />;
  const fold = (number: number) => {
    const next = new Set(folded);
    if (!next.delete(number)) next.add(number);
    setFolded(next);
  };
  const searching = query.trim() !== '';
  return (
    <>
      <div className={classes.inspectBar}>
        <TextInput
          className={classes.inspectSearch}
          size="sm"
          type="search"
          aria-label={t('inspect.search')}
          placeholder={t('inspect.search')}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          leftSection={<IconSearch size={16} stroke={1.75} />}
          spellCheck={false}
        />
        <span className="dim num" role="status">
          {searching && t('inspect.matches', { count: lines.filter(({ found }) => found).length })}
        </span>
        <CopyButton size="sm" text={json} />
      </div>
      {searching && lines.length === 0 ? (
        <p className={classes.none}>{t('inspect.noMatch', { query: query.trim() })}</p>
      ) : (
        <pre className={classes.json} tabIndex={0} aria-label={t('container.inspect')}>
          {lines.map((line) => (
            <span key={line.number} className={classes.jsonLine} data-found={line.found || undefined}>
              {!searching && line.number > 0 && (opens(line) || folded.has(line.number)) && (
                <button
                  type="button"
                  className={classes.jsonFold}
                  aria-expanded={!folded.has(line.number)}
                  aria-label={t('inspect.fold', { key: keyOf(line) })}
                  onClick={() => fold(line.number)}
                >
                  {folded.has(line.number) ? '+' : '−'}
                </button>
              )}
              {colourParts(line.text)}
              {'\n'}
            </span>
          ))}
        </pre>
      )}
    </>
  );
}

const KEY = /^(\s*)("(?:[^"\\]|\\.)*")(:\s?)?(.*)$/;

/** A key in the accent, its value as it is. */
function colourParts(text: string) {
  const match = KEY.exec(text);
  if (match === null || match[3] === undefined) return text;
  const [, indent, key, colon, value] = match;
  return (
    <>
      {indent}
      <span className={classes.jsonKey}>{key}</span>
      {colon}
      {value}
    </>
  );
}
