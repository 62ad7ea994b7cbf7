import type { AuditEntry, Job, Notification } from '@/api/types';
import { type PlainKey, t } from '@/i18n';

export interface Happening {
  id: string;
  at: string;
  icon: 'done' | 'failed' | 'running' | 'waiting' | 'news' | 'change';
  text: string;
  link: string | null;
}

const MOST = 8;

const JOB_ICONS: Record<Job['state'], Happening['icon']> = {
  queued: 'waiting',
  running: 'running',
  undoing: 'running',
  done: 'done',
  failed: 'failed',
  cancelled: 'failed',
};

export const fromJob = (job: Job): Happening => ({
  id: job.id,
  at: job.finishedAt ?? job.createdAt,
  icon: JOB_ICONS[job.state],
  text: t('home.jobLine', { title: job.title, state: t(`jobs.${job.state}`) }),
  link: null,
});

export const fromNotification = ({ id, at, title, link }: Notification): Happening => ({ id, at, icon: 'news', text: title, link });

/** What is worth a line; the rest of the audit log is for its own page. */
const TOLD: Record<string, PlainKey> = {
  'containers.start': 'home.didStart',
  'containers.stop': 'home.didStop',
  'containers.restart': 'home.didRestart',
  'containers.remove': 'home.didRemove',
  'settings.update': 'home.didSettings',
  'settings.change': 'home.didSettings',
  'users.add': 'home.didAddPerson',
  'users.delete': 'home.didDeletePerson',
  'users.change': 'home.didChangePerson',
  'keys.add': 'home.didAddKey',
  'networks.create': 'home.didAddNetwork',
  'networks.remove': 'home.didDeleteNetwork',
};

export function fromAudit({ id, at, actor, operation, arguments: args }: AuditEntry): Happening | null {
  const told = TOLD[operation];
  if (told === undefined) return null;
  const stays = operation.startsWith('containers.') && operation !== 'containers.remove';
  const link = stays && typeof args.id === 'string' ? `/containers/${encodeURIComponent(args.id.slice(0, 12))}` : null;
  return { id: `audit ${id}`, at, icon: 'change', text: t('home.didLine', { name: actor, what: t(told) }), link };
}

/** The latest first, as many as are read at a glance. */
export const latest = (all: Happening[]): Happening[] => all.sort((a, b) => b.at.localeCompare(a.at)).slice(0, MOST);
