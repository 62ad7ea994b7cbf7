import type { ContainerDetail } from '@/api/types';
import { StateBadge } from '@/components/StateBadge';
import { Time } from '@/components/Time';
import { t } from '@/i18n';
import { listed } from '@/i18n/format';
import { Card } from './Card';
import classes from './Detail.module.css';

/** Where its data lives. */
export function Storage({ detail: { mounts } }: { detail: ContainerDetail }) {
  return (
    <Card title={t('container.mounts')}>
      {mounts.length === 0 && <p className={classes.none}>{t('container.mountsEmpty')}</p>}
      <ul className={classes.entries}>
        {mounts.map(({ kind, source, target, readOnly, name }) => (
          <li key={target}>
            <code className={classes.code}>{target}</code>
            <span className="dim">
              {[kind, name ?? source, readOnly ? t('container.readOnly') : null].filter(Boolean).join(' · ')}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** The networks it is part of. */
export function Connections({ detail: { networkDetails } }: { detail: ContainerDetail }) {
  return (
    <Card title={t('container.networks')}>
      {networkDetails.length === 0 && <p className={classes.none}>{t('container.networksEmpty')}</p>}
      <ul className={classes.entries}>
        {networkDetails.map(({ name, ip, aliases }) => (
          <li key={name}>
            <span>
              {name} {ip !== null && ip !== '' && <code className={classes.code}>{ip}</code>}
            </span>
            {aliases.length > 0 && (
              <span className="dim">{t('container.networkAliases', { names: listed(aliases) })}</span>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

const SHOWN = 5;

/** What its own health check said lately, the newest first. Nothing for a container without one. */
export function HealthLog({ detail: { healthLog } }: { detail: ContainerDetail }) {
  if (healthLog.length === 0) return null;
  return (
    <Card title={t('container.health')}>
      <ul className={classes.entries}>
        {[...healthLog]
          .reverse()
          .slice(0, SHOWN)
          .map(({ at, exitCode, output }) => (
            <li key={at}>
              <span className={classes.probe}>
                <StateBadge
                  state={
                    exitCode === 0
                      ? { tone: 'ok', label: t('container.healthPassed') }
                      : { tone: 'danger', label: t('container.healthFailed', { code: exitCode }) }
                  }
                />
                <span className="dim">
                  <Time iso={at} />
                </span>
              </span>
              {output.trim() !== '' && <code className={classes.output}>{output.trim()}</code>}
            </li>
          ))}
      </ul>
    </Card>
  );
}
