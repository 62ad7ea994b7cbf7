import type { components } from '@/api/schema';
import type { State } from '@/domain/containers';
import { t } from '@/i18n';

type Schemas = components['schemas'];
export type Webhook = Schemas['Webhook'];
export type Delivery = Schemas['Delivery'];
export type EventName = Webhook['events'][number];

/** What this release tells of. */
export const SENT = ['memory.stored', 'memory.updated', 'memory.deleted'] as const satisfies EventName[];
/** What programs may ask for already. */
export const LATER = [
  'agent.started',
  'agent.completed',
  'agent.failed',
  'project.updated',
  'usage.threshold',
] as const satisfies EventName[];

/** An address as people call it. One that cannot be read any more has none. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '?';
}

export function stateOf({ status }: Webhook): State {
  if (status === 'active') return { tone: 'ok', label: t('webhooks.active') };
  if (status === 'failing') return { tone: 'warn', label: t('webhooks.failing') };
  return { tone: 'danger', label: t('webhooks.paused') };
}

export function deliveryState({ state }: Delivery): State {
  if (state === 'delivered') return { tone: 'ok', label: t('webhooks.delivered') };
  if (state === 'waiting') return { tone: 'warn', label: t('webhooks.waits') };
  return { tone: 'danger', label: t('webhooks.failed') };
}
