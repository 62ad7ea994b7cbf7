import { Button } from '@mantine/core';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { useMay } from '@/app/session';
import { Loaded } from '@/components/Loaded';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import { useJobs } from '@/live/streams';
import classes from './Storage.module.css';
import { type Reclaimable, STORAGE, useReclaimable } from './useStorage';

const ClearDialog = lazy(() => import('./ClearDialog'));

/** What nobody needs any more, with exact sizes. Nothing goes before it was shown. */
export default function CleanUp() {
  const mayClear = useMay('storage:write');
  const list = useReclaimable();
  const [clearing, setClearing] = useState<Reclaimable | null>(null);
  useFreshAfterJobs();
  return (
    <Loaded list={list}>
      {(kinds) => {
        const sum = kinds.reduce((total, { sizeBytes, unavailable }) => total + (unavailable === null ? sizeBytes : 0), 0);
        return (
          <div className={classes.stack}>
            <p className={classes.lead}>{sum === 0 ? t('storage.nothingToClear') : t('storage.canClear', { size: bytes(sum) })}</p>
            <ul className={classes.clearing}>
              {kinds.map((kind) => (
                <Kind key={kind.category} kind={kind} onClear={mayClear ? () => setClearing(kind) : null} />
              ))}
            </ul>
            <Suspense>{clearing !== null && <ClearDialog kind={clearing} onClose={() => setClearing(null)} />}</Suspense>
          </div>
        );
      }}
    </Loaded>
  );
}

function Kind({ kind, onClear }: { kind: Reclaimable; onClear: (() => void) | null }) {
  const { title, detail, sizeBytes, count, freesNow, recoverable, unavailable } = kind;
  const none = count === 0 || unavailable !== null;
  return (
    <li className={classes.kind}>
      <div>
        <strong>{title}</strong>
        <p>{unavailable ?? detail}</p>
        {!none && (
          <p className={classes.small}>
            {t('storage.things', { count })}
            {!freesNow && ` · ${t('storage.freesLater')}`}
            {` · ${t(recoverable ? 'storage.recoverable' : 'storage.final')}`}
          </p>
        )}
      </div>
      <span className={classes.kindSize}>{none ? '–' : bytes(sizeBytes)}</span>
      {onClear !== null && (
        <Button variant="default" disabled={none} aria-label={t('storage.clearOf', { name: title })} onClick={onClear}>
          {t('storage.clear')}
        </Button>
      )}
    </li>
  );
}

/** When a job of the machine ends, what can be cleared is another. */
function useFreshAfterJobs() {
  const queries = useQueryClient();
  const going = (useJobs().data ?? []).filter(({ finishedAt }) => finishedAt === null).length;
  const before = useRef(going);
  useEffect(() => {
    if (going < before.current) void queries.invalidateQueries({ queryKey: [STORAGE] });
    before.current = going;
  }, [going, queries]);
}
