import type { ReactNode } from 'react';
import type { ContainerDetail } from '@/api/types';
import { Time } from '@/components/Time';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import { Ports } from '../Ports';
import { Card } from './Card';
import classes from './Detail.module.css';

/** A command as it would be typed: parts with blanks in quotes. */
const typed = (parts: string[]) => parts.map((part) => (/[\s"']/.test(part) ? `'${part}'` : part)).join(' ');

function facts(detail: ContainerDetail): [label: string, value: ReactNode][] {
  const { command, entrypoint, finishedAt, startedAt, project, service, cpuLimit, memoryLimitBytes } = detail;
  const code = (text: string | null) => text !== null && text !== '' && <code className={classes.code}>{text}</code>;
  return [
    [t('containers.image'), code(detail.image)],
    [t('containers.ports'), detail.ports.length > 0 && <Ports container={detail} name={detail.name} />],
    [t('container.project'), project],
    [t('container.service'), service],
    [t('container.created'), <Time key="created" iso={detail.createdAt} />],
    [t('container.startedAt'), startedAt && <Time iso={startedAt} />],
    [t('container.finishedAt'), detail.state === 'exited' && finishedAt && <Time iso={finishedAt} />],
    [t('container.restartPolicy'), detail.restartPolicy],
    [t('container.restarts'), detail.restartCount > 0 && String(detail.restartCount)],
    [t('container.entrypoint'), code(typed(entrypoint))],
    [t('container.command'), code(typed(command))],
    [t('container.user'), detail.user],
    [t('container.workingDir'), code(detail.workingDir)],
    [t('container.hostname'), code(detail.hostname)],
    [t('container.cpuLimit'), cpuLimit === null ? t('container.noLimit') : t('container.cores', { count: cpuLimit })],
    [t('container.memoryLimit'), memoryLimitBytes === null ? t('container.noLimit') : bytes(memoryLimitBytes)],
    [t('container.privileged'), detail.privileged && t('container.privilegedYes')],
    [t('container.id'), code(detail.id.slice(0, 12))],
  ];
}

/** What a container was made from and how it runs; what does not apply is left out. */
export function Facts({ detail }: { detail: ContainerDetail }) {
  return (
    <Card title={t('container.facts')}>
      <dl className={classes.facts}>
        {facts(detail)
          .filter(([, value]) => Boolean(value))
          .map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </Card>
  );
}
