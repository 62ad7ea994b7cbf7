import { IconStack2 } from '@tabler/icons-react';
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
import { useRemoval } from '@/components/useRemoval';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import { RemoveButton } from '@/components/RemoveButton';
import classes from './System.module.css';
import { UsedBy } from './UsedBy';
import { useList, useOutage } from './useList';


type Image = components['schemas']['Image'];

const nameOf = ({ tags, id }: Image): string => tags.join(', ') || id.replace('sha256:', '').slice(0, 12);

const COLUMNS: Column<Image>[] = [
  {
    id: 'name',
    label: t('system.name'),
    value: (image) => (image.dangling ? '\uffff' : nameOf(image)),
    show: (image) => (
      <>
        <span className={`${classes.words} ${classes.strong}`}>{image.dangling ? t('image.noName') : nameOf(image)}</span>
        <span className={`${classes.below} mono`}>{image.id.replace('sha256:', '').slice(0, 12)}</span>
      </>
    ),
    width: '42%',
  },
  { id: 'users', label: t('system.usedBy'), value: ({ containers }) => containers.length, show: ({ containers }) => <UsedBy names={containers} /> },
  { id: 'size', label: t('system.size'), value: ({ sizeBytes }) => sizeBytes, show: ({ sizeBytes }) => bytes(sizeBytes), end: true, width: '12%' },
  {
    id: 'created',
    label: t('system.created'),
    value: ({ createdAt }) => Date.parse(createdAt),
    show: ({ createdAt }) => <Time iso={createdAt} />,
    end: true,
    width: '14%',
  },
];

/** Docker's images and which containers stand on them. */
export default function ImagesTab() {
  const mayChange = useMay('containers:write');
  const queries = useQueryClient();
  const outage = useOutage();
  const list = useList('images', () => unwrap(api.GET('/api/images')));
  const [askToRemove, removal] = useRemoval<Image>({
    title: t('image.removeTitle'),
    text: t('image.removeText'),
    confirmLabel: t('system.remove'),
    name: nameOf,
    remove: ({ id }) => unwrap(api.DELETE('/api/images/{id}', { params: { path: { id } } })),
    failed: () => t('image.removeFailed'),
    done: (name) => t('image.removed', { name }),
    refresh: () => queries.invalidateQueries({ queryKey: ['system'] }),
  });
  return (
    <div className={classes.stack}>
      {outage.away && <DockerDown reason={outage.reason} />}
      <Loaded list={list}>
        {(images) => (
          <DataList
            name="images"
            label={t('system.images')}
            columns={COLUMNS}
            rows={images}
            rowKey={({ id }) => id}
            text={({ id, tags, containers }) => [id, ...tags, ...containers].join(' ')}
            order={{ sort: 'size', descending: true }}
            stale={outage.away}
            actions={
              mayChange
                ? (image) =>
                    image.containers.length === 0 ? (
                      <RemoveButton label={t('system.removeOf', { name: nameOf(image) })} onClick={() => askToRemove(image)} />
                    ) : null
                : undefined
            }
            empty={
              <EmptyState icon={<IconStack2 size={26} stroke={1.75} />} title={t('image.empty')} text={t('image.emptyText')} />
            }
          />
        )}
      </Loaded>
      {removal}
    </div>
  );
}
