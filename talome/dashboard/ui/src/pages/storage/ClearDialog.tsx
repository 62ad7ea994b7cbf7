import { Button, Modal } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { Loaded } from '@/components/Loaded';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import classes from './Storage.module.css';
import { type Reclaimable, STORAGE } from './useStorage';

type Report = components['schemas']['ReclaimReport'];

interface Props {
  kind: Reclaimable;
  onClose: () => void;
}

/** Exactly what would go, one by one; what is left ticked goes. */
export default function ClearDialog({ kind, onClose }: Props) {
  const { category, title } = kind;
  const report = useQuery({
    queryKey: [STORAGE, 'dry-run', category],
    queryFn: () => unwrap(api.POST('/api/storage/reclaim', { body: { category, dryRun: true } })),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  return (
    <Modal opened onClose={onClose} size={560} title={t('storage.clearWhat', { name: title })} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <Loaded list={report}>{(found) => <Choice kind={kind} report={found} onClose={onClose} />}</Loaded>
    </Modal>
  );
}

function Choice({ kind, report, onClose }: Props & { report: Report }) {
  const queries = useQueryClient();
  const [kept, setKept] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const going = report.items.filter(({ id }) => !kept.has(id));
  const size = going.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  const clear = async () => {
    setBusy(true);
    try {
      const ids = going.map(({ id }) => id);
      await unwrap(api.POST('/api/storage/reclaim', { body: { category: kind.category, ids, dryRun: false } }));
      onClose();
    } catch (error) {
      toastError(t('storage.clearFailed'), error);
      setBusy(false);
    }
    await queries.invalidateQueries({ queryKey: [STORAGE, 'reclaimable'] });
  };
  const toggle = (id: string, on: boolean) => {
    const next = new Set(kept);
    if (on) next.delete(id);
    else next.add(id);
    setKept(next);
  };
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        void clear();
      }}
    >
      <p>{t(kind.recoverable ? 'storage.clearText' : 'storage.clearFinalText')}</p>
      <ul className={classes.items} tabIndex={0} aria-label={t('storage.whatGoes')}>
        {report.items.map(({ id, name, sizeBytes }) => (
          <li key={id}>
            <label>
              <input type="checkbox" checked={!kept.has(id)} onChange={(event) => toggle(id, event.currentTarget.checked)} />
              <span>{name}</span>
              <span className={classes.itemSize}>{sizeBytes === null ? '–' : bytes(sizeBytes)}</span>
            </label>
          </li>
        ))}
      </ul>
      <p aria-live="polite">
        <strong>{t('storage.goes', { count: going.length, size: bytes(size) })}</strong>
      </p>
      <div className={classes.actions}>
        <Button variant="default" data-autofocus onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button type="submit" color="red" loading={busy} disabled={going.length === 0}>
          {t('storage.clear')}
        </Button>
      </div>
    </form>
  );
}
