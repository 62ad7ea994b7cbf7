import { Button } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useMay } from '@/app/session';
import { useWide } from '@/app/useWide';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { Loaded } from '@/components/Loaded';
import { Time } from '@/components/Time';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import { RemoveButton } from '@/components/RemoveButton';
import classes from '../System.module.css';
import { type TrashedVolume, useTrash } from './useTrash';

const Confirm = lazy(() => import('@/components/Confirm').then((module) => ({ default: module.Confirm })));

const DAY_MS = 86_400_000;

const COLUMNS: Column<TrashedVolume>[] = [
  {
    id: 'name',
    label: t('system.name'),
    value: ({ name }) => name,
    show: ({ name, nameTaken }) => (
      <>
        <span className={`${classes.words} ${classes.strong}`}>{name}</span>
        {nameTaken && <span className={classes.below}>{t('trash.taken')}</span>}
      </>
    ),
    width: '34%',
  },
  { id: 'size', label: t('system.size'), value: ({ sizeBytes }) => sizeBytes, show: ({ sizeBytes }) => bytes(sizeBytes), end: true, width: '12%' },
  {
    id: 'removed',
    label: t('trash.removed'),
    value: ({ removedAt }) => Date.parse(removedAt),
    show: ({ removedAt }) => <Time iso={removedAt} />,
    end: true,
  },
  {
    id: 'goes',
    label: t('trash.goes'),
    value: ({ expiresAt }) => Date.parse(expiresAt),
    show: ({ expiresAt }) => <Time iso={expiresAt} />,
    end: true,
  },
];

/** Removed volumes: until when they stay, the way back, and the end for good. */
export function Trash({ mayChange }: { mayChange: boolean }) {
  const { list, restore, remove } = useTrash();
  const maySet = useMay('settings:read');
  const wide = useWide();
  const [deleting, setDeleting] = useState<TrashedVolume[] | null>(null);
  const first = list.data?.[0];
  const count = first && Math.round((Date.parse(first.expiresAt) - Date.parse(first.removedAt)) / DAY_MS);
  const emptyAll = mayChange && (list.data?.length ?? 0) > 0;
  return (
    <section id="trash">
      <h2 className={classes.sectionTitle}>{t('trash.title')}</h2>
      <p className={classes.text}>
        {count === undefined ? t('trash.textAny') : t('trash.text', { count })}{' '}
        {maySet && (
          <Link className={classes.link} to="/settings" hash="volumes.trash_days">
            {t('trash.setting')}
          </Link>
        )}
      </p>
      <Loaded list={list}>
        {(volumes) => (
          <DataList
            name="trash"
            label={t('trash.title')}
            columns={COLUMNS}
            rows={volumes}
            rowKey={({ id }) => id}
            order={{ sort: 'removed', descending: true }}
            tools={
              emptyAll && (
                <Button className={classes.end} variant="default" onClick={() => setDeleting(volumes)}>
                  {t('trash.emptyAll')}
                </Button>
              )
            }
            actionsWidth={184}
            actions={
              mayChange
                ? (volume) => (
                    <>
                      <Button
                        variant="subtle"
                        size={wide ? 'compact-sm' : 'sm'}
                        px={6}
                        leftSection={<IconArrowBackUp size={16} stroke={1.75} />}
                        disabled={volume.nameTaken}
                        aria-label={t('trash.restoreOf', { name: volume.name })}
                        onClick={() => void restore(volume)}
                      >
                        {t('trash.restore')}
                      </Button>
                      <RemoveButton label={t('trash.deleteOf', { name: volume.name })} onClick={() => setDeleting([volume])} />
                    </>
                  )
                : undefined
            }
            empty={<p className={classes.card}>{t('trash.empty')}</p>}
          />
        )}
      </Loaded>
      <Suspense>
        {deleting && (
          <Confirm
            title={t('trash.deleteTitle')}
            names={deleting.map(({ name, sizeBytes }) => `${name} · ${bytes(sizeBytes)}`)}
            confirmLabel={t('trash.delete')}
            dangerous
            onConfirm={() => {
              setDeleting(null);
              void remove(deleting);
            }}
            onClose={() => setDeleting(null)}
          >
            {t('trash.deleteText')}
          </Confirm>
        )}
      </Suspense>
    </section>
  );
}
