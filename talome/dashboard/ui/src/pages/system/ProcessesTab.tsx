import { IconCpu } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { Time } from '@/components/Time';
import { t } from '@/i18n';
import { bytes, percent } from '@/i18n/format';
import { useConnection } from '@/live';
import classes from './System.module.css';

type Process = components['schemas']['Process'];

const REFRESH_MS = 3_000;
const MOST = 2_000;

const COLUMNS: Column<Process>[] = [
  {
    id: 'name',
    label: t('system.name'),
    value: ({ name }) => name,
    show: ({ name }) => <span className={`${classes.words} ${classes.strong}`}>{name}</span>,
    width: '24%',
  },
  { id: 'cpu', label: t('system.cpu'), value: ({ cpuPercent }) => cpuPercent, show: ({ cpuPercent }) => percent(cpuPercent), end: true, width: '11%' },
  { id: 'memory', label: t('system.memory'), value: ({ memoryBytes }) => memoryBytes, show: ({ memoryBytes }) => bytes(memoryBytes), end: true, width: '10%' },
  {
    id: 'container',
    label: t('system.container'),
    value: ({ container }) => container ?? '\uffff',
    show: ({ container }) => container ?? <span className="dim">–</span>,
    width: '16%',
  },
  { id: 'user', label: t('system.user'), value: ({ user }) => user, show: ({ user }) => user, width: '10%', wideOnly: true },
  { id: 'pid', label: t('system.pid'), value: ({ pid }) => pid, show: ({ pid }) => String(pid), end: true, width: '9%', wideOnly: true },
  { id: 'threads', label: t('system.threads'), value: ({ threads }) => threads, show: ({ threads }) => threads, end: true, width: '8%', wideOnly: true },
  {
    id: 'since',
    label: t('system.since'),
    value: ({ startedAt }) => Date.parse(startedAt),
    show: ({ startedAt }) => <Time iso={startedAt} />,
    end: true,
    width: '14%',
    wideOnly: true,
  },
];

/** What runs on the machine, in containers and beside them. */
export default function ProcessesTab() {
  const connection = useConnection();
  const list = useQuery({
    queryKey: ['system', 'processes'],
    queryFn: () => unwrap(api.GET('/api/system/processes', { params: { query: { limit: MOST } } })),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Loaded list={list}>
      {(processes) => (
        <div className={classes.stack}>
          <p className={classes.text}>{t('system.processHelp')}</p>
          <DataList
            name="processes"
            label={t('system.processes')}
            columns={COLUMNS}
            rows={processes}
            rowKey={({ pid, startedAt }) => `${pid} ${startedAt.slice(0, 19)}`}
            text={({ name, user, container, pid }) => `${name} ${user} ${container ?? ''} ${pid}`}
            order={{ sort: 'cpu', descending: true }}
            stale={connection !== 'open' || list.error !== null}
            tools={
              <span className={`dim ${classes.end}`}>
                {t('system.processCount', { count: processes.length })} · {t('system.updated')}
              </span>
            }
            empty={<EmptyState icon={<IconCpu size={26} />} title={t('system.processes')} text={t('list.noMatchText')} />}
          />
        </div>
      )}
    </Loaded>
  );
}
