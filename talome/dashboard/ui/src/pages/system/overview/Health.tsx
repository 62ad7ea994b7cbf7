import { Button, Skeleton } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, unwrap } from '@/api/client';
import type { HealthCheck } from '@/api/types';
import { useMay } from '@/app/session';
import { ErrorNotice } from '@/components/ErrorNotice';
import { t } from '@/i18n';
import classes from '../System.module.css';

const REFRESH_MS = 15_000;

const LOOKS = {
  ok: { icon: IconCircleCheck, label: 'system.checkOk' },
  warning: { icon: IconAlertTriangle, label: 'system.checkWarning' },
  critical: { icon: IconAlertCircle, label: 'system.checkCritical' },
} as const;

/** Whether the machine is well, in a sentence, and every check with its reason and what to do. */
export function Health() {
  const health = useQuery({
    queryKey: ['system', 'health'],
    queryFn: () => unwrap(api.GET('/api/system/health')),
    refetchInterval: REFRESH_MS,
  });
  if (health.data === undefined) {
    return health.error !== null ? (
      <ErrorNotice what={t('system.loadFailed')} error={health.error} onRetry={() => void health.refetch()} />
    ) : (
      <Skeleton height={88} radius={14} role="status" aria-label={t('app.loading')} />
    );
  }
  const { state, sentence, checks } = health.data;
  const Icon = LOOKS[state].icon;
  const unwell = checks.filter((check) => check.state !== 'ok');
  const well = checks.filter((check) => check.state === 'ok');
  const count = well.length;
  return (
    <section className={classes.health} data-state={state} aria-label={t('system.health')}>
      <h2 className={classes.healthSentence}>
        <Icon size={22} stroke={1.75} aria-hidden />
        {sentence}
      </h2>
      {unwell.length > 0 && <Checks checks={unwell} />}
      {count > 0 && (
        <details className={classes.more}>
          <summary>{t(unwell.length > 0 ? 'system.checksWell' : 'system.allChecks', { count })}</summary>
          <Checks checks={well} />
        </details>
      )}
    </section>
  );
}

function Checks({ checks }: { checks: HealthCheck[] }) {
  return (
    <ul className={classes.checks}>
      {checks.map((check) => (
        <CheckRow key={check.id} check={check} />
      ))}
    </ul>
  );
}

function CheckRow({ check: { id, title, state, detail, action } }: { check: HealthCheck }) {
  const mayClean = useMay('containers:write');
  const { icon: Icon, label } = LOOKS[state];
  return (
    <li className={classes.check} data-state={state}>
      <Icon size={18} stroke={1.75} aria-label={t(label)} />
      <div className={classes.checkWords}>
        <strong>{title}</strong>
        <p>{detail}</p>
        {action !== null && <p>{action}</p>}
      </div>
      {id.startsWith('disk:') && state !== 'ok' && mayClean && (
        <Button variant="default" size="xs" renderRoot={(props) => <Link to="/system/cleanup" {...props} />}>
          {t('system.freeUp')}
        </Button>
      )}
    </li>
  );
}
