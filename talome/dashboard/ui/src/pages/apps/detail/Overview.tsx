import { Button, NativeSelect } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { useMay } from '@/app/session';
import { StateBadge } from '@/components/StateBadge';
import { Time } from '@/components/Time';
import { toast, toastError } from '@/components/toasts';
import { addressInStore, type InstalledApp, type PermissionSheet, useUpdateHour } from '@/domain/apps';
import { stateOf } from '@/domain/containers';
import { t } from '@/i18n';
import { hourOfDay } from '@/i18n/format';
import { useContainers } from '@/live/streams';
import { Sheet } from '../parts/Sheet';
import classes from './App.module.css';

const UpdateDialog = lazy(() => import('./UpdateDialog'));
const POLICIES = ['manual', 'notify', 'automatic'] as const;

/** How the app is, what it is made of, and whether there is something newer. */
export function Overview({ app, sheet }: { app: InstalledApp; sheet: PermissionSheet | null }) {
  const mayChange = useMay('apps:write');
  const [updating, setUpdating] = useState(false);
  return (
    <div className={classes.overview}>
      {app.update !== null && (
        <section className={classes.banner} aria-label={t('app.policy')}>
          <div>
            <h2>{t('app.updateReady', { version: app.update })}</h2>
            <p>{t('app.updateText')}</p>
          </div>
          {mayChange && (
            <Button
              leftSection={<IconDownload size={18} stroke={1.75} />}
              disabled={app.state === 'working'}
              onClick={() => setUpdating(true)}
            >
              {t('app.preview')}
            </Button>
          )}
        </section>
      )}
      <section className={classes.card}>
        <h2>{t('app.containers')}</h2>
        <Containers names={app.containers} />
      </section>
      <section className={classes.card}>
        <h2>{t('app.facts')}</h2>
        <dl className={classes.facts}>
          <div>
            <dt>{t('app.fromStore')}</dt>
            <dd>
              <Link to={addressInStore(app.store)}>{t('app.inStore')}</Link>
            </dd>
          </div>
          <div>
            <dt>{t('app.installedAt')}</dt>
            <dd>
              <Time iso={app.installedAt} />
            </dd>
          </div>
          <div>
            <dt>{t('app.updatedAt')}</dt>
            <dd>
              <Time iso={app.updatedAt} />
            </dd>
          </div>
        </dl>
        {mayChange && <Policy app={app} />}
      </section>
      {sheet !== null && (
        <section className={classes.card}>
          <h2>{t('app.rights')}</h2>
          <Sheet sheet={sheet} />
        </section>
      )}
      <Suspense>{updating && <UpdateDialog app={app} onClose={() => setUpdating(false)} />}</Suspense>
    </div>
  );
}

function Containers({ names }: { names: string[] }) {
  const maySee = useMay('containers:read');
  const all = useContainers(maySee).data?.containers ?? [];
  if (names.length === 0) return <p className="dim">{t('app.noContainers')}</p>;
  return (
    <ul className={classes.containers}>
      {names.map((name) => {
        const container = all.find((each) => each.name === name);
        return (
          <li key={name}>
            {maySee ? (
              <Link to={`/containers/${name}`}>
                <bdi>{name}</bdi>
                {container && <StateBadge state={stateOf(container)} />}
              </Link>
            ) : (
              name
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** What becomes of updates. */
function Policy({ app }: { app: InstalledApp }) {
  const queries = useQueryClient();
  const hour = useUpdateHour();
  const [chosen, setChosen] = useState(app.updatePolicy);
  const choose = async (policy: InstalledApp['updatePolicy']) => {
    setChosen(policy);
    try {
      await unwrap(api.PUT('/api/apps/{id}/update-policy', { params: { path: { id: app.id } }, body: { policy } }));
      toast({ tone: 'ok', title: t('app.policySaved') });
      void queries.invalidateQueries({ queryKey: ['apps', 'installed'] });
    } catch (error) {
      setChosen(app.updatePolicy);
      toastError(t('app.policyFailed'), error);
    }
  };
  return (
    <NativeSelect
      className={classes.policy}
      size="md"
      label={t('app.policy')}
      description={hour === null ? t('app.policyHelp') : t('app.policyHelpAt', { time: hourOfDay(hour) })}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      value={chosen}
      onChange={(event) => void choose(event.currentTarget.value as InstalledApp['updatePolicy'])}
      data={POLICIES.map((policy) => ({ value: policy, label: t(`app.policy.${policy}`) }))}
    />
  );
}
