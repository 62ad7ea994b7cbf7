import { Button } from '@mantine/core';
import { IconSparkles } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import classes from '../System.module.css';
import { type Candidate, sizeOf } from './candidates';

const Confirm = lazy(() => import('@/components/Confirm').then((module) => ({ default: module.Confirm })));

type Report = components['schemas']['PruneReport'];

interface Props {
  images: Candidate[];
  volumes: Candidate[];
  disabled: boolean;
  /** The jobs that do it. */
  onStarted: (jobIds: string[]) => void;
}

interface Preview {
  images: Report | null;
  volumes: Report | null;
}

const pruneImages = (ids: string[], dryRun: boolean) =>
  ids.length === 0 ? null : unwrap(api.POST('/api/images/prune', { body: { dryRun, ids } }));

const pruneVolumes = (names: string[], dryRun: boolean) =>
  names.length === 0 ? null : unwrap(api.POST('/api/volumes/prune', { body: { dryRun, names } }));

/** What is ticked, together. The server says once more what exactly would go; only then it is asked for. */
export function SumBar({ images, volumes, disabled, onStarted }: Props) {
  const [preview, setPreview] = useState<Preview | null>(null);
  const [busy, setBusy] = useState(false);
  const count = images.length + volumes.length;

  const run = async (dryRun: boolean): Promise<Preview | null> => {
    setBusy(true);
    try {
      const ids = images.map(({ id }) => id);
      const names = volumes.map(({ id }) => id);
      return { images: await pruneImages(ids, dryRun), volumes: await pruneVolumes(names, dryRun) };
    } catch (error) {
      toastError(t('cleanup.failed'), error);
      return null;
    } finally {
      setBusy(false);
    }
  };

  const start = async () => {
    const begun = await run(false);
    setPreview(null);
    onStarted([begun?.images?.job?.id, begun?.volumes?.job?.id].filter((id) => id !== undefined));
  };

  return (
    <>
      <div className={classes.sum} role="region" aria-label={t('system.cleanup')}>
        <span className={classes.sumWords} aria-live="polite">
          <strong>{count === 0 ? t('cleanup.nothing') : t('cleanup.selected', { count })}</strong>
          {count > 0 && ` · ${bytes(sizeOf([...images, ...volumes]))}`}
          <span className={classes.below}>{t('cleanup.share')}</span>
        </span>
        <Button
          leftSection={<IconSparkles size={16} stroke={1.75} />}
          disabled={disabled || count === 0}
          loading={busy && preview === null}
          onClick={() => void run(true).then(setPreview)}
        >
          {t('cleanup.start')}
        </Button>
      </div>
      <Suspense>
        {preview && (
          <Confirm
            title={t('cleanup.confirmTitle')}
            names={namesOf(preview)}
            confirmLabel={t('cleanup.start')}
            dangerous
            busy={busy}
            onConfirm={() => void start()}
            onClose={() => setPreview(null)}
          >
            {preview.images && <p>{t('cleanup.confirmImages', { count: preview.images.items.length })}</p>}
            {preview.volumes && <p>{t('cleanup.confirmVolumes', { count: preview.volumes.items.length })}</p>}
          </Confirm>
        )}
      </Suspense>
    </>
  );
}

const namesOf = ({ images, volumes }: Preview): string[] => [
  ...(images?.items ?? []).map((item) => withSize(t('cleanup.imageName', { name: item.name }), item.sizeBytes)),
  ...(volumes?.items ?? []).map((item) => withSize(t('cleanup.volumeName', { name: item.name }), item.sizeBytes)),
];

const withSize = (name: string, sizeBytes: number | null): string =>
  sizeBytes === null ? name : `${name} · ${bytes(sizeBytes)}`;
