import { IconDatabase } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { useMay } from '@/app/session';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { DockerDown } from '@/components/DockerDown';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { Time } from '@/components/Time';
import { toast } from '@/components/toasts';
import { useRemoval } from '@/components/useRemoval';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import { RemoveButton } from '@/components/RemoveButton';
import classes from './System.module.css';
import { UsedBy } from './UsedBy';
import { useList, useOutage } from './useList';


type Volume = components['schemas']['Volume'];

const COLUMNS: Column<Volume>[] = [
  {
    id: 'name',
    label: t('system.name'),
    value: ({ name, anonymous }) => (anonymous ? '\uffff' : name),
    show: ({ name, anonymous }) => (
      <>
        <span className={`${classes.words} ${anonymous ? 'mono' : classes.strong}`}>{anonymous ? name.slice(0, 12) : name}</span>
        {anonymous && <span className={classes.below}>{t('volume.anonymous')}</span>}
      </>
    ),
    width: '34%',
  },
  { id: 'users', label: t('system.usedBy'), value: ({ usedBy }) => usedBy.length, show: ({ usedBy }) => <UsedBy names={usedBy} /> },
  { id: 'driver', label: t('volume.driver'), value: ({ driver }) => driver, show: ({ driver }) => driver, width: '10%', wideOnly: true },
  {
    id: 'size',
    label: t('system.size'),
    value: ({ sizeBytes }) => sizeBytes,
    show: ({ sizeBytes }) => (sizeBytes === null ? <span className="dim">{t('volume.counting')}</span> : bytes(sizeBytes)),
    end: true,
    width: '12%',
  },
  {
    id: 'created',
    label: t('system.created'),
    value: ({ createdAt }) => (createdAt === null ? null : Date.parse(createdAt)),
    show: ({ createdAt }) => (createdAt === null ? '–' : <Time iso={createdAt} />),
    end: true,
    width: '14%',
  },
];

/** Docker's volumes: the data of the apps, and whose it is. */
export default function VolumesTab() {
  const mayChange = useMay('containers:write');
  const queries = useQueryClient();
  const outage = useOutage();
  const list = useList('volumes', () => unwrap(api.GET('/api/volumes')));
  const [askToRemove, removal] = useRemoval<Volume>({
    title: t('volume.removeTitle'),
    text: t('volume.removeText'),
    confirmLabel: t('volume.toTrash'),
    name: ({ name }) => name,
    remove: async ({ name }) => {
      await unwrap(api.POST('/api/volumes/prune', { body: { dryRun: false, names: [name] } }));
      toast({ tone: 'info', title: t('volume.removing', { name }), text: t('volume.removingText') });
    },
    failed: () => t('volume.removeFailed'),
    refresh: () => queries.invalidateQueries({ queryKey: ['system'] }),
  });
  return (
    <div className={classes.stack}>
      {outage.away && <DockerDown reason={outage.reason} />}
      <Loaded list={list}>
        {(volumes) => (
          <DataList
            name="volumes"
            label={t('system.volumes')}
            columns={COLUMNS}
            rows={volumes}
            rowKey={({ name }) => name}
            text={({ name, driver, usedBy }) => [name, driver, ...usedBy].join(' ')}
            order={{ sort: 'name', descending: false }}
            stale={outage.away}
            actions={
              mayChange
                ? (volume) =>
                    volume.usedBy.length === 0 ? (
                      <RemoveButton label={t('volume.toTrashOf', { name: volume.name })} onClick={() => askToRemove(volume)} />
                    ) : null
                : undefined
            }
            empty={
              <EmptyState icon={<IconDatabase size={26} stroke={1.75} />} title={t('volume.empty')} text={t('volume.emptyText')} />
            }
          />
        )}
      </Loaded>
      {removal}
    </div>
  );
}
