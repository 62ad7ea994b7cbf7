import { Button } from '@mantine/core';
import { IconArrowBackUp, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { useMay } from '@/app/session';
import { useWide } from '@/app/useWide';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { PageHead } from '@/components/PageHead';
import { RemoveButton } from '@/components/RemoveButton';
import { Time } from '@/components/Time';
import { FILES, parentOf, shownName, type Trashed } from '@/domain/files';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import classes from '../Files.module.css';
import type { Operations } from '../operations';
import { Glyph } from '../parts/Glyph';

const Confirm = lazy(() => import('@/components/Confirm').then((module) => ({ default: module.Confirm })));

const COLUMNS: Column<Trashed>[] = [
  {
    id: 'name',
    label: t('files.name'),
    value: ({ name }) => name,
    show: ({ name, kind, path }) => (
      <span className={classes.named}>
        <Glyph entry={{ name, kind, mediaType: null }} size={22} />
        <span>
          <span className={classes.strong}>{shownName(name)}</span>
          <span className={classes.under}>{t('files.wasIn', { folder: shownName(parentOf(path)) })}</span>
        </span>
      </span>
    ),
    width: '44%',
  },
  { id: 'size', label: t('files.size'), value: ({ sizeBytes }) => sizeBytes, show: ({ sizeBytes }) => (sizeBytes === null ? '–' : bytes(sizeBytes)), end: true, width: '12%' },
  { id: 'deleted', label: t('files.deletedAt'), value: ({ deletedAt }) => Date.parse(deletedAt), show: ({ deletedAt }) => <Time iso={deletedAt} />, end: true },
  { id: 'goes', label: t('files.goes'), value: ({ expiresAt }) => Date.parse(expiresAt), show: ({ expiresAt }) => <Time iso={expiresAt} />, end: true },
];

/** What was deleted: until when it stays, the way back, and the end for good. */
export default function Trash({ operations }: { operations: Operations }) {
  const wide = useWide();
  const mayWrite = useMay('files:write');
  const [ending, setEnding] = useState<Trashed[] | null>(null);
  const list = useQuery({ queryKey: [FILES, 'trash'], queryFn: () => unwrap(api.GET('/api/files/trash')) });
  return (
    <>
      <PageHead
        title={t('files.trash')}
        detail={t('files.trashText')}
        actions={
          mayWrite &&
          (list.data?.length ?? 0) > 0 && (
            <Button variant="default" onClick={() => setEnding(list.data ?? [])}>
              {t('files.emptyTrash')}
            </Button>
          )
        }
      />
      <Loaded list={list}>
        {(trashed) => (
          <DataList
            name="files.trash"
            label={t('files.trash')}
            columns={COLUMNS}
            rows={trashed}
            rowKey={({ id }) => id}
            text={({ name, path }) => `${name} ${path}`}
            order={{ sort: 'deleted', descending: true }}
            actionsWidth={184}
            actions={
              mayWrite
                ? (one) => (
                    <>
                      <Button
                        variant="subtle"
                        size={wide ? 'compact-sm' : 'sm'}
                        px={6}
                        leftSection={<IconArrowBackUp size={16} stroke={1.75} />}
                        aria-label={t('files.restoreOf', { name: shownName(one.name) })}
                        onClick={() => void operations.restore([one.id])}
                      >
                        {t('files.restore')}
                      </Button>
                      <RemoveButton label={t('files.purgeOf', { name: shownName(one.name) })} onClick={() => setEnding([one])} />
                    </>
                  )
                : undefined
            }
            empty={<EmptyState icon={<IconTrash size={26} stroke={1.75} />} title={t('files.trashEmpty')} text={t('files.trashEmptyText')} />}
          />
        )}
      </Loaded>
      <Suspense>
        {ending !== null && (
          <Confirm
            title={t('files.purgeTitle')}
            names={ending.map(({ name }) => shownName(name))}
            confirmLabel={t('files.purge')}
            dangerous
            onConfirm={() => {
              setEnding(null);
              void operations.purge(ending.map(({ id }) => id));
            }}
            onClose={() => setEnding(null)}
          >
            {t('files.purgeText')}
          </Confirm>
        )}
      </Suspense>
    </>
  );
}
