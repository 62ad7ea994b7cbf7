import type { ContainerDetail } from '@/api/types';
import { StateBadge } from '@/components/StateBadge';
import { Time } from '@/components/Time';
import { t } from '@/i18n';
import { Card } from './Card';
import classes from './Detail.module.css';

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
