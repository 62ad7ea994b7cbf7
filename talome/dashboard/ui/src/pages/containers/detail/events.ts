import type { components } from '@/api/schema';
import type { Tone } from '@/domain/containers';
import { type PlainKey, t } from '@/i18n';

type ContainerEvent = components['schemas']['ContainerEvent'];

const KNOWN: Record<string, [tone: Tone, key: PlainKey]> = {
  create: ['idle', 'event.create'],
  start: ['ok', 'event.start'],
  restart: ['ok', 'event.restart'],
  stop: ['idle', 'event.stop'],
  pause: ['idle', 'event.pause'],
  unpause: ['ok', 'event.unpause'],
  oom: ['danger', 'event.oom'],
  update: ['info', 'event.update'],
};

/** An event in the words of a person, with the colour of how it went. */
export function sentenceOf({ action, detail, exitCode }: ContainerEvent): { tone: Tone; label: string } {
  switch (action) {
    case 'die':
      return exitCode === 0 || exitCode === null
        ? { tone: 'idle', label: t('event.ended') }
        : { tone: 'danger', label: t('event.died', { code: exitCode }) };
    case 'kill':
      return { tone: 'warn', label: t('event.kill', { signal: detail }) };
    case 'rename':
      return { tone: 'info', label: t('event.rename', { name: detail }) };
    case 'connect':
      return { tone: 'info', label: t('event.connect', { name: detail }) };
    case 'disconnect':
      return { tone: 'info', label: t('event.disconnect', { name: detail }) };
    case 'health_status':
      return detail === 'healthy'
        ? { tone: 'ok', label: t('event.healthy') }
        : { tone: 'danger', label: t('event.unhealthy', { state: detail }) };
  }
  const [tone, key] = KNOWN[action] ?? ['idle', null];
  return { tone, label: key === null ? [action, detail].filter(Boolean).join(': ') : t(key) };
}
