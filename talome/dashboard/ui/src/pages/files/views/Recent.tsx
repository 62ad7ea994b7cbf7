import { Button } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { PageHead } from '@/components/PageHead';
import { Time } from '@/components/Time';
import { toastError } from '@/components/toasts';
import { FILES, parentOf, shownName } from '@/domain/files';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import classes from '../Files.module.css';
import { Glyph } from '../parts/Glyph';
import { addressOf } from '../usePlaces';

type Used = components['schemas']['Recent'];

const COLUMNS: Column<Used>[] = [
  {
    id: 'name',
    label: t('files.name'),
    value: ({ entry }) => entry.name,
    show: ({ entry }) => (
      <Link className={classes.named} {...(entry.kind === 'folder' ? addressOf(entry.path) : addressOf(parentOf(entry.path), entry.name))}>
        <Glyph entry={entry} size={22} />
        <span>
          <span className={classes.strong}>{shownName(entry.name)}</span>
          <span className={classes.under}>{shownName(parentOf(entry.path))}</span>
        </span>
      </Link>
    ),
    width: '50%',
  },
  {
    id: 'size',
    label: t('files.size'),
    value: ({ entry }) => entry.sizeBytes,
    show: ({ entry }) => (entry.kind === 'folder' || entry.sizeBytes === null ? '–' : bytes(entry.sizeBytes)),
    end: true,
  },
  {
    id: 'at',
    label: t('files.when'),
    value: ({ at }) => Date.parse(at),
    show: ({ at, action }) => (
      <>
        {t(`files.did.${action}`)} <Time iso={at} />
      </>
    ),
    end: true,
  },
];

/** What this person opened, changed or uploaded of late. */
export default function Recent() {
  const list = useQuery({ queryKey: [FILES, 'recents'], queryFn: () => unwrap(api.GET('/api/files/recents')) });
  const forget = async () => {
    await unwrap(api.DELETE('/api/files/recents')).catch((error: unknown) => toastError(t('files.forgetFailed'), error));
    await list.refetch();
  };
  return (
    <>
      <PageHead
        title={t('files.recent')}
        actions={
          (list.data?.length ?? 0) > 0 && (
            <Button variant="default" onClick={() => void forget()}>
              {t('files.forget')}
            </Button>
          )
        }
      />
      <Loaded list={list}>
        {(used) => (
          <DataList
            name="files.recent"
            label={t('files.recent')}
            columns={COLUMNS}
            rows={used}
            rowKey={({ entry, at }) => `${entry.path} ${at}`}
            order={{ sort: 'at', descending: true }}
            empty={<EmptyState icon={<IconClock size={26} stroke={1.75} />} title={t('files.noRecent')} text={t('files.noRecentText')} />}
          />
        )}
      </Loaded>
    </>
  );
}
