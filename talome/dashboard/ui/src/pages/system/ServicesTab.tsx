import { IconBox } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { StateBadge } from '@/components/StateBadge';
import { Time } from '@/components/Time';
import type { State } from '@/domain/containers';
import { t } from '@/i18n';
import { DockerDown } from '@/components/DockerDown';
import classes from './System.module.css';

type Service = components['schemas']['Service'];

const REFRESH_MS = 10_000;

const STATES: Record<Service['state'], State & { rank: number }> = {
  critical: { tone: 'danger', label: t('system.checkCritical'), rank: 0 },
  warning: { tone: 'warn', label: t('system.checkWarning'), rank: 1 },
  stopped: { tone: 'idle', label: t('system.stopped'), rank: 2 },
  ok: { tone: 'ok', label: t('system.checkOk'), rank: 3 },
};

const COLUMNS: Column<Service>[] = [
  {
    id: 'name',
    label: t('system.name'),
    value: ({ name }) => name,
    show: ({ name }) => <span className={`${classes.words} ${classes.strong}`}>{name}</span>,
    width: '26%',
  },
  { id: 'state', label: t('system.state'), value: ({ state }) => STATES[state].rank, show: ({ state }) => <StateBadge state={STATES[state]} />, width: '16%' },
  { id: 'reason', label: t('system.reason'), show: ({ detail }) => <span className={classes.names}>{detail}</span> },
  {
    id: 'since',
    label: t('system.since'),
    value: ({ since }) => (since === null ? null : Date.parse(since)),
    show: ({ since }) => (since === null ? <span className="dim">–</span> : <Time iso={since} />),
    end: true,
    width: '16%',
  },
];

/** How Talome's own parts and all containers are doing, and why. */
export default function ServicesTab() {
  const list = useQuery({
    queryKey: ['system', 'services'],
    queryFn: () => unwrap(api.GET('/api/services')),
    refetchInterval: REFRESH_MS,
  });
  return <Loaded list={list}>{(services) => <Services services={services} />}</Loaded>;
}

function Services({ services }: { services: Service[] }) {
  const docker = services.find(({ id, kind }) => kind === 'talome' && id === 'docker');
  const away = docker?.state === 'critical';
  const groups = [
    { kind: 'talome', title: t('system.ofTalome') },
    { kind: 'container', title: t('system.containers') },
  ] as const;
  return (
    <div className={classes.stack}>
      {away && <DockerDown reason={docker.detail} />}
      {groups.map(({ kind, title }) => (
        <section key={kind}>
          <h2 className={classes.sectionTitle}>{title}</h2>
          {away && kind === 'container' && <p className={classes.text}>{t('system.staleServices')}</p>}
          <DataList
            name={`services.${kind}`}
            label={title}
            columns={COLUMNS}
            rows={services.filter((service) => service.kind === kind)}
            rowKey={({ id }) => id}
            text={kind === 'container' ? ({ name, detail, state }) => `${name} ${detail} ${STATES[state].label}` : undefined}
            order={{ sort: 'state', descending: false }}
            stale={away && kind === 'container'}
            empty={
              <EmptyState
                icon={<IconBox size={26} stroke={1.75} />}
                title={t('system.noContainers')}
                text={t('system.noContainersText')}
              />
            }
          />
        </section>
      ))}
    </div>
  );
}
