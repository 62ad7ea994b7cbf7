import '../texts';
import './texts';
import { Button, Skeleton } from '@mantine/core';
import { IconArchive, IconDownload, IconRefresh } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation, useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { useMay } from '@/app/session';
import { BackLink } from '@/components/BackLink';
import { downloadFile } from '@/components/clipboard';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { Loaded } from '@/components/Loaded';
import { PageHead } from '@/components/PageHead';
import { Section } from '@/components/Section';
import { Time } from '@/components/Time';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import classes from '../Memory.module.css';
import { refreshMemory } from '../notes/forget';
import { placeOf } from '../places';
import { isBusy, type Source, type SourceDocument } from './names';
import { SourceProgress } from './SourceProgress';

const BUSY_MS = 1_000;
const PAGE = 50;

/** One source: where it comes from, what could not be read, its documents and the pieces they were cut into. */
export default function SourcePage() {
  const { id = '' } = useParams({ strict: false });
  const { data, error, refetch } = useQuery({
    queryKey: ['memory', 'source', id],
    queryFn: () => unwrap(api.GET('/v1/memory/sources/{id}', { params: { path: { id } } })),
    retry: false,
    refetchInterval: ({ state }) => (state.data && isBusy(state.data) ? BUSY_MS : false),
  });
  if (data !== undefined && error === null) return <Found source={data} />;
  const back = <BackLink to="/memory/sources">{t('memory.sources')}</BackLink>;
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) {
    return (
      <>
        <PageHead title={t('material.missing')} before={back} />
        <EmptyState icon={<IconArchive size={26} stroke={1.75} />} title={t('material.missing')} text={t('material.missingText')} />
      </>
    );
  }
  if (error !== null) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  return <Skeleton height={320} radius={14} role="status" aria-label={t('app.loading')} />;
}

function Found({ source }: { source: Source }) {
  const mayChange = useMay('memory:write');
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const act = async (what: string, work: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      toastError(what, error);
    }
    setBusy(false);
    await refreshMemory(client);
  };
  const path = { id: source.id };
  const download = async () => {
    const file = await unwrap(api.GET('/v1/memory/sources/{id}/original', { params: { path }, parseAs: 'blob' }));
    downloadFile(source.title, file as Blob);
  };
  return (
    <>
      <PageHead
        title={source.title}
        before={<BackLink to="/memory/sources">{t('memory.sources')}</BackLink>}
        detail={<SourceProgress source={source} />}
        actions={
          <>
            {source.kind !== 'folder' && source.kind !== 'repository' && (
              <Button variant="default" leftSection={<IconDownload size={16} />} disabled={busy} onClick={() => void act(t('material.download'), download)}>
                {t('material.download')}
              </Button>
            )}
            {mayChange && (
              <Button
                variant="default"
                leftSection={<IconRefresh size={16} />}
                loading={busy || isBusy(source)}
                onClick={() => void act(t('material.again'), () => unwrap(api.POST('/v1/memory/sources/{id}/ingest', { params: { path } })))}
              >
                {t('material.again')}
              </Button>
            )}
          </>
        }
      />
      <div className={classes.stack}>
        <Facts source={source} />
        <Problems source={source} />
        <Documents source={source} />
      </div>
    </>
  );
}

function Facts({ source }: { source: Source }) {
  const facts: [string, ReactNode][] = [
    [t('material.kindOf'), t(`material.kind.${source.kind}`)],
    [t('memory.place'), source.workspace_id === null ? t('memory.mine') : placeOf(source.workspace_id)],
    [t('material.origin'), source.origin || '–'],
    [t('material.size'), bytes(source.size_bytes)],
    [t('material.documents'), source.documents],
    [t('material.chunks'), source.chunks],
    [t('material.addedAt'), <Time key="added" iso={source.created_at} />],
    [t('material.readAt'), source.read_at === null ? t('material.notYet') : <Time key="read" iso={source.read_at} />],
  ];
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Problems({ source: { problems } }: { source: Source }) {
  if (problems.length === 0) return null;
  return (
    <Section title={t('material.leftOut', { count: problems.length })}>
      <ul className={classes.plainList}>
        {problems.map(({ path, reason }) => (
          <li key={path}>
            <span className={classes.strong}>{path}</span> <span className={classes.told}>{reason}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Documents({ source }: { source: Source }) {
  const list = useInfiniteQuery({
    queryKey: ['memory', 'documents', source.id, source.state, source.documents],
    queryFn: ({ pageParam }) =>
      unwrap(api.GET('/v1/memory/sources/{id}/documents', { params: { path: { id: source.id }, query: { limit: PAGE, offset: pageParam } } })),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => (last.has_more ? pages.length * PAGE : null),
  });
  const wanted = useLocation().hash;
  return (
    <Section title={t('material.documents')}>
      <Loaded list={list}>
        {({ pages }) => {
          const documents = pages.flatMap(({ data }) => data);
          if (documents.length === 0) return <p className={classes.told}>{t('material.noDocuments')}</p>;
          return (
            <>
              {documents.map((document) => (
                <DocumentPart key={document.id} document={document} begun={document.id === wanted || documents.length === 1} />
              ))}
              {list.hasNextPage && (
                <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                  {t('memory.more')}
                </Button>
              )}
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

/** A document, which shows its pieces once it is opened. */
function DocumentPart({ document, begun }: { document: SourceDocument; begun: boolean }) {
  const [open, setOpen] = useState(begun);
  return (
    <details className={classes.document} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className={classes.strong}>{document.title || document.path}</span>{' '}
        <span className={classes.told}>{t('material.pieces', { count: document.chunks })}</span>
      </summary>
      {open && <Chunks document={document} />}
    </details>
  );
}

function Chunks({ document }: { document: SourceDocument }) {
  const list = useInfiniteQuery({
    queryKey: ['memory', 'chunks', document.id, document.sha256],
    queryFn: ({ pageParam }) =>
      unwrap(api.GET('/v1/memory/documents/{id}/chunks', { params: { path: { id: document.id }, query: { limit: PAGE, offset: pageParam } } })),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => (last.has_more ? pages.length * PAGE : null),
  });
  return (
    <Loaded list={list}>
      {({ pages }) => (
        <>
          <ol className={classes.chunks}>
            {pages.flatMap(({ data }) => data).map(({ id, heading, page, line, text }) => (
              <li key={id}>
                <span className={classes.told}>
                  {[heading.join(' › '), page === null ? '' : t('material.page', { page }), line === null ? '' : t('material.line', { line })].filter(Boolean).join(' · ')}
                </span>
                <blockquote className={classes.quote}>{text}</blockquote>
              </li>
            ))}
          </ol>
          {list.hasNextPage && (
            <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              {t('memory.more')}
            </Button>
          )}
        </>
      )}
    </Loaded>
  );
}
