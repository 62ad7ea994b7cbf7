import { Button } from '@mantine/core';
import { IconArrowBackUp, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { useMay } from '@/app/session';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { Time } from '@/components/Time';
import { t } from '@/i18n';
import classes from '../Memory.module.css';
import { EVERYTHING } from '../places';
import { restore } from './forget';
import { kindOf } from './names';

type Forgotten = components['schemas']['ForgottenNote'];

const COLUMNS: Column<Forgotten>[] = [
  {
    id: 'preview',
    label: t('memory.note'),
    value: ({ preview }) => preview,
    show: ({ preview, kind }) => (
      <>
        <span className={classes.strong}>{preview}</span>
        <span className={classes.below}>{kindOf(kind)}</span>
      </>
    ),
    width: '50%',
  },
  {
    id: 'at',
    label: t('memory.forgottenAt'),
    value: ({ deleted_at }) => Date.parse(deleted_at),
    show: ({ deleted_at }) => <Time iso={deleted_at} />,
    end: true,
  },
  {
    id: 'until',
    label: t('memory.goneFrom'),
    value: ({ purge_at }) => Date.parse(purge_at),
    show: ({ purge_at }) => <Time iso={purge_at} />,
    end: true,
  },
];

/** What was forgotten and can still be had back. */
export function ForgottenList() {
  const mayChange = useMay('memory:write');
  const client = useQueryClient();
  const list = useQuery({
    queryKey: ['memory', 'forgotten'],
    queryFn: () => unwrap(api.GET('/v1/memory/forgotten', { params: { query: { workspace_id: EVERYTHING, limit: 200 } } })),
  });
  return (
    <Loaded list={list}>
      {({ data }) => (
        <DataList
          name="memory.forgotten"
          label={t('memory.forgottenNotes')}
          columns={COLUMNS}
          rows={data}
          rowKey={({ id }) => id}
          order={{ sort: 'at', descending: true }}
          actionsWidth={150}
          actions={
            mayChange
              ? ({ id, preview }) => (
                  <Button
                    size="compact-md"
                    variant="default"
                    leftSection={<IconArrowBackUp size={16} />}
                    aria-label={t('memory.restoreOf', { name: preview })}
                    onClick={() => void restore(client, id, preview)}
                  >
                    {t('memory.restore')}
                  </Button>
                )
              : undefined
          }
          empty={<EmptyState icon={<IconTrash size={26} stroke={1.75} />} title={t('memory.noneForgotten')} text={t('memory.noneForgottenText')} />}
        />
      )}
    </Loaded>
  );
}
