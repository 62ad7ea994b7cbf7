import { Button } from '@mantine/core';
import { IconNetwork, IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
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
import { NewNetwork } from './NewNetwork';
import { RemoveButton } from '@/components/RemoveButton';
import classes from './System.module.css';
import { UsedBy } from './UsedBy';
import { useList, useOutage } from './useList';


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
  const list = useList('networks', () => unwrap(api.GET('/api/networks')));
  const refresh = () => queries.invalidateQueries({ queryKey: ['system', 'networks'] });
  const [askToRemove, removal] = useRemoval<Network>({
    title: t('network.removeTitle'),
    text: t('network.removeText'),
    confirmLabel: t('system.remove'),
    name: ({ name }) => name,
    remove: ({ id }) => unwrap(api.DELETE('/api/networks/{id}', { params: { path: { id } } })),
    failed: () => t('network.removeFailed'),
    done: (name) => t('network.removed', { name }),
    refresh: refresh,
  });
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
                      <RemoveButton label={t('system.removeOf', { name: network.name })} onClick={() => askToRemove(network)} />
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
      {removal}
    </div>
  );
}
