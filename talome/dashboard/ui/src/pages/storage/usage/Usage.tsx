import { Button, Progress } from '@mantine/core';
import { IconChartTreemap, IconChevronRight, IconRefresh } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { Job } from '@/api/types';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { Time } from '@/components/Time';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { bytes, percent } from '@/i18n/format';
import { useJobs } from '@/live/streams';
import classes from '../Storage.module.css';
import { STORAGE, type UsageNode, useUsage } from '../useStorage';
import { Picture } from './Picture';
import { type Part, partsOf, wayTo } from './tree';

/** Who takes up the room: as a picture, and as a list that says the same. */
export default function Usage() {
  const queries = useQueryClient();
  const usage = useUsage();
  const job = useMeasuring(usage.data?.job ?? null);
  const [at, setAt] = useState<string | null>(null);
  const measure = async () => {
    try {
      await unwrap(api.POST('/api/storage/usage'));
    } catch (error) {
      toastError(t('storage.measureFailed'), error);
    }
    await queries.invalidateQueries({ queryKey: [STORAGE, 'usage'] });
  };
  const button = (
    <Button variant="default" leftSection={<IconRefresh size={16} stroke={1.75} />} loading={job !== null} onClick={() => void measure()}>
      {t('storage.measure')}
    </Button>
  );
  return (
    <Loaded list={usage}>
      {({ root, measuredAt, notes }) => (
        <div className={classes.stack}>
          {job !== null && <Measuring job={job} />}
          {root === null ? (
            job === null && (
              <EmptyState icon={<IconChartTreemap size={26} stroke={1.75} />} title={t('storage.unmeasured')} text={t('storage.unmeasuredText')} action={button} />
            )
          ) : (
            <>
              <div className={classes.measured}>
                <span>
                  {measuredAt !== null && (
                    <>
                      {t('storage.measured')} <Time iso={measuredAt} />
                    </>
                  )}
                </span>
                {button}
              </div>
              <Tree root={root} at={at} onGo={setAt} />
              {notes.length > 0 && (
                <ul className={classes.missing}>
                  {notes.map((note) => (
                    <li key={note}>{note}</li>
                  ))}
                </ul>
              )}
            </>
          )}
        </div>
      )}
    </Loaded>
  );
}

/** The measurement that goes on now; when it ends, its outcome is asked for. */
function useMeasuring(told: Job | null): Job | null {
  const queries = useQueryClient();
  const jobs = useJobs().data;
  const seen = useRef<string | null>(null);
  const now = jobs?.find((each) => each.kind === 'storage.measure' && each.finishedAt === null) ?? null;
  const known = told !== null && told.finishedAt === null ? told : null;
  const current = now ?? (jobs?.some(({ id, finishedAt }) => id === known?.id && finishedAt !== null) ? null : known);
  useEffect(() => {
    if (seen.current !== null && current === null) void queries.invalidateQueries({ queryKey: [STORAGE, 'usage'] });
    seen.current = current?.id ?? null;
  }, [current, queries]);
  return current;
}

function Measuring({ job }: { job: Job }) {
  return (
    <div className={classes.card} role="status">
      <strong>{t('storage.measuring')}</strong>
      <p className={classes.note}>{job.stage ?? t('jobs.queued')}</p>
      <Progress size={4} mt={8} value={100} animated aria-label={t('storage.measuring')} />
    </div>
  );
}

function Tree({ root, at, onGo }: { root: UsageNode; at: string | null; onGo: (id: string) => void }) {
  const way = wayTo(root, at);
  const here = way.at(-1)!;
  const parts = partsOf(here, t('storage.rest'));
  return (
    <>
      <nav className={classes.way} aria-label={t('storage.way')}>
        {way.map((node, index) => (
          <span key={node.id}>
            {index > 0 && <IconChevronRight size={14} aria-hidden />}
            <button type="button" aria-current={node === here ? 'true' : undefined} onClick={() => onGo(node.id)}>
              {node.name}
            </button>
          </span>
        ))}
        <span className={classes.sum}>{bytes(here.sizeBytes)}</span>
      </nav>
      <Picture parts={parts} onGo={onGo} />
      <DataList
        key={here.id}
        name="storage.usage"
        label={t('storage.takes', { name: here.name })}
        columns={columnsFor(here, onGo)}
        rows={parts}
        rowKey={({ node }) => node.id}
        text={({ node }) => node.name}
        order={{ sort: 'size', descending: true }}
        empty={<p className={classes.card}>{t('storage.nothingInside')}</p>}
      />
    </>
  );
}

const columnsFor = (here: UsageNode, onGo: (id: string) => void): Column<Part>[] => [
  {
    id: 'name',
    label: t('storage.what'),
    value: ({ node }) => node.name,
    show: ({ node, rest }) =>
      (node.children ?? []).length > 0 ? (
        <button type="button" className={classes.into} onClick={() => onGo(node.id)}>
          {node.name}
        </button>
      ) : (
        <>
          <span className={rest ? 'dim' : classes.strong}>{node.name}</span>
          {node.path && <span className={classes.small}>{node.path}</span>}
        </>
      ),
    width: '46%',
  },
  { id: 'kind', label: t('storage.kindOf'), value: ({ node }) => node.kind, show: ({ node }) => t(`storage.is.${node.kind}`) },
  {
    id: 'share',
    label: t('storage.share'),
    value: ({ node }) => node.sizeBytes,
    show: ({ node }) => percent(here.sizeBytes === 0 ? 0 : (100 * node.sizeBytes) / here.sizeBytes),
    end: true,
  },
  { id: 'size', label: t('storage.size'), value: ({ node }) => node.sizeBytes, show: ({ node }) => bytes(node.sizeBytes), end: true },
];
