import { Button } from '@mantine/core';
import { IconNetwork, IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { useMay } from '@/app/session';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { DockerDown } from '@/components/DockerDown';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { Time } from '@/components/Time';
import { toast, toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { NewNetwork } from './NewNetwork';
import { RemoveButton } from '@/components/RemoveButton';
import classes from './System.module.css';
import { UsedBy } from './UsedBy';
import { useList, useOutage } from './useList';

const Confirm = lazy(() => import('@/components/Confirm').then((module) => ({ default: module.Confirm })));

type Network = components['schemas']['Network'];

const COLUMNS: Column<Network>[] = [
  {
    id: 'name',
    label: t('system.name'),
    value: ({ name }) => name,
    show: ({ name, builtin, internal }) => (
      <>
        <span className={`${classes.words} ${classes.strong}`}>{name}</span>
        <span className={classes.below}>
          {[builtin && t('network.builtin'), internal && t('network.internal')].filter(Boolean).join(' · ')}
        </span>
      </>
    ),
    width: '28%',
  },
  { id: 'driver', label: t('network.driver'), value: ({ driver }) => driver, show: ({ driver }) => driver, width: '10%' },
  { id: 'subnets', label: t('network.subnets'), show: ({ subnets }) => subnets.join(', ') || <span className="dim">–</span>, width: '16%' },
  { id: 'users', label: t('system.usedBy'), value: ({ containers }) => containers.length, show: ({ containers }) => <UsedBy names={containers} /> },
  {
    id: 'created',
    label: t('system.created'),
    value: ({ createdAt }) => (createdAt === null ? null : Date.parse(createdAt)),
    show: ({ createdAt }) => (createdAt === null ? '–' : <Time iso={createdAt} />),
    end: true,
    width: '14%',
    wideOnly: true,
  },
];

/** Docker's networks and who is on them. */
export default function NetworksTab() {
  const mayChange = useMay('containers:write');
  const queries = useQueryClient();
  const outage = useOutage();
  const [creating, setCreating] = useState(false);
  const [removing, setRemoving] = useState<Network | null>(null);
  const list = useList('networks', () => unwrap(api.GET('/api/networks')));
  const refresh = () => queries.invalidateQueries({ queryKey: ['system', 'networks'] });
  const remove = async ({ id, name }: Network) => {
    setRemoving(null);
    try {
      await unwrap(api.DELETE('/api/networks/{id}', { params: { path: { id } } }));
      toast({ tone: 'ok', title: t('network.removed', { name }) });
    } catch (error) {
      toastError(t('network.removeFailed'), error);
    }
    await refresh();
  };
  return (
    <div className={classes.stack}>
      {outage.away && <DockerDown reason={outage.reason} />}
      <Loaded list={list}>
        {(networks) => (
          <DataList
            name="networks"
            label={t('system.networks')}
            columns={COLUMNS}
            rows={networks}
            rowKey={({ id }) => id}
            text={({ name, driver, subnets, containers }) => [name, driver, ...subnets, ...containers].join(' ')}
            order={{ sort: 'name', descending: false }}
            stale={outage.away}
            tools={
              mayChange && (
                <Button className={classes.end} leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
                  {t('network.create')}
                </Button>
              )
            }
            actions={
              mayChange
                ? (network) =>
                    !network.builtin && network.containers.length === 0 ? (
                      <RemoveButton label={t('system.removeOf', { name: network.name })} onClick={() => setRemoving(network)} />
                    ) : null
                : undefined
            }
            empty={
              <EmptyState icon={<IconNetwork size={26} stroke={1.75} />} title={t('system.networks')} text={t('network.createText')} />
            }
          />
        )}
      </Loaded>
      {creating && <NewNetwork onCreated={() => void refresh()} onClose={() => setCreating(false)} />}
      <Suspense>
        {removing && (
          <Confirm
            title={t('network.removeTitle')}
            names={[removing.name]}
            confirmLabel={t('system.remove')}
            dangerous
            onConfirm={() => void remove(removing)}
            onClose={() => setRemoving(null)}
          >
            {t('network.removeText')}
          </Confirm>
        )}
      </Suspense>
    </div>
  );
}
