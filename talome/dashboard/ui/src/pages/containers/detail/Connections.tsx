import type { ContainerDetail } from '@/api/types';
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
            <span className={`dim ${classes.anywhere}`}>
              {[kind, name, source, readOnly ? t('container.readOnly') : null].filter(Boolean).join(' · ')}
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
        {networkDetails.map(({ name, ip, mac, aliases }) => (
          <li key={name}>
            <span>
              <bdi>{name}</bdi>{' '}
              {[ip, mac].filter(Boolean).map((address) => (
                <code key={address} className={classes.address}>
                  {address}
                </code>
              ))}
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
