import type { Container, HealthCheck, SystemHealth } from '@/api/types';
import { endedBadly, titleOf } from '@/domain/containers';
import { type PlainKey, t } from '@/i18n';
import { relativeTime } from '@/i18n/format';

export interface Concern {
  id: string;
  severity: 'critical' | 'warning';
  title: string;
  detail: string;
  container?: Container;
  /** What the one button does for a container. */
  remedy: 'log' | 'start' | null;
  /** Where the one button leads for everything else. */
  target: Target;
}

export type Target = NonNullable<HealthCheck['target']> | 'system';

export const REMEDIES: Record<Target, { path: string; label: PlainKey }> = {
  clean_up: { path: '/system/cleanup', label: 'home.cleanUp' },
  processes: { path: '/system/processes', label: 'home.seeProcesses' },
  containers: { path: '/containers', label: 'home.openAll' },
  system: { path: '/system', label: 'home.seeSystem' },
};

/** Checks whose matter Home shows by itself. */
const TOLD_IN_DETAIL = new Set(['docker', 'containers']);

/** What needs a person, the worst first. Nothing is in here that will pass by itself. */
export function concerns(health: SystemHealth | undefined, containers: Container[] | undefined): Concern[] {
  const checks = (health?.checks ?? []).filter(({ state }) => state !== 'ok');
  // Someone who sees the containers gets a line and a button for each instead of a summary.
  const fromChecks = checks.filter(({ id }) => containers === undefined || !TOLD_IN_DETAIL.has(id)).map(fromCheck);
  const fromContainers = (containers ?? []).map(fromContainer).filter((concern) => concern !== null);
  const rank = ({ severity }: Concern) => (severity === 'critical' ? 0 : 1);
  return [...fromChecks, ...fromContainers].sort((a, b) => rank(a) - rank(b));
}

function fromCheck({ id, title, state, detail, action, target }: HealthCheck): Concern {
  return {
    id: `check ${id}`,
    severity: state === 'critical' ? 'critical' : 'warning',
    title,
    detail: [detail, action].filter(Boolean).join(' '),
    remedy: null,
    target: target ?? 'system',
  };
}

function fromContainer(container: Container): Concern | null {
  const name = titleOf(container);
  const base = { id: container.id, container, target: 'containers' as const };
  if (endedBadly(container)) {
    const when = container.finishedAt === null ? '' : relativeTime(container.finishedAt);
    const detail = t('home.stoppedWhy', { code: container.exitCode ?? '?', when });
    return { ...base, severity: 'critical', title: t('home.stopped', { name }), detail, remedy: 'start' };
  }
  if (container.state === 'restarting') {
    const detail = t('home.restartingWhy');
    return { ...base, severity: 'critical', title: t('home.restarting', { name }), detail, remedy: 'log' };
  }
  if (container.state === 'running' && container.health === 'unhealthy') {
    const detail = t('home.unhealthyWhy');
    return { ...base, severity: 'warning', title: t('home.unhealthy', { name }), detail, remedy: 'log' };
  }
  return null;
}
