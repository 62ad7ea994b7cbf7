import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { ErrorNotice } from '@/components/ErrorNotice';
import { t } from '@/i18n';
import { duration, exactTime } from '@/i18n/format';
import { Card } from '../Card';
import classes from '../System.module.css';

type Facts = components['schemas']['SystemFacts'];

const REFRESH_MS = 30_000;

/** What the machine is: its system, its processor, and the versions that run on it. */
export function Machine() {
  const info = useQuery({
    queryKey: ['system', 'info'],
    queryFn: () => unwrap(api.GET('/api/system/info')),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Card title={t('system.machine')}>
      {info.data === undefined && info.error !== null ? (
        <ErrorNotice what={t('system.loadFailed')} error={info.error} onRetry={() => void info.refetch()} />
      ) : info.data === undefined ? (
        <Skeleton height={200} />
      ) : (
        <dl className={classes.machine}>
          {rows(info.data).map(([name, value, title]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd title={title}>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}

const rows = (facts: Facts): [name: string, value: string, title?: string][] => [
  [t('system.hostname'), facts.hostname],
  [t('system.os'), facts.os],
  [t('system.kernel'), facts.kernel],
  [t('system.architecture'), facts.architecture],
  [t('system.cpuModel'), t('system.cpuCount', { count: facts.cpuCount, model: facts.cpuModel ?? t('system.unknownCpu') })],
  [
    t('system.booted'),
    t('system.uptime', { uptime: duration((Date.now() - Date.parse(facts.bootedAt)) / 1000) }),
    exactTime(facts.bootedAt),
  ],
  [t('system.docker'), facts.dockerVersion ?? facts.dockerReason ?? '–'],
  [t('system.talome'), facts.talomeVersion],
];
