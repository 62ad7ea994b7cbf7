import { useSyncExternalStore } from 'react';
import { api, unwrap } from '@/api/client';
import type { Container } from '@/api/types';
import { toast, toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { isRunning, titleOf } from './containers';

export type Action = 'start' | 'stop' | 'restart' | 'pause' | 'unpause';

const request = (action: Action, id: string) => {
  const params = { params: { path: { id } } };
  switch (action) {
    case 'start':
      return unwrap(api.POST('/api/containers/{id}/start', params));
    case 'stop':
      return unwrap(api.POST('/api/containers/{id}/stop', { ...params, body: { timeoutS: 10 } }));
    case 'restart':
      return unwrap(api.POST('/api/containers/{id}/restart', { ...params, body: { timeoutS: 10 } }));
    case 'pause':
      return unwrap(api.POST('/api/containers/{id}/pause', params));
    case 'unpause':
      return unwrap(api.POST('/api/containers/{id}/unpause', params));
  }
};

const DONE = {
  start: 'containers.started',
  stop: 'containers.stopped',
  restart: 'containers.restarted',
  pause: 'containers.pausedDone',
  unpause: 'containers.unpausedDone',
} as const;

const FAILED = {
  start: 'containers.startFailed',
  stop: 'containers.stopFailed',
  restart: 'containers.restartFailed',
  pause: 'containers.pauseFailed',
  unpause: 'containers.unpauseFailed',
} as const;

const UNDO: Partial<Record<Action, Action>> = { stop: 'start', pause: 'unpause' };

/** Ids of the containers something is being done to, shared by every place that shows them. */
let working: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

function setWorking(id: string, on: boolean) {
  const next = new Set(working);
  if (on) next.add(id);
  else next.delete(id);
  working = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

async function run(action: Action, container: Container): Promise<void> {
  const name = titleOf(container);
  if (working.has(container.id)) return;
  setWorking(container.id, true);
  try {
    await request(action, container.id);
    const back = UNDO[action];
    toast({
      tone: 'ok',
      title: t(DONE[action], { name }),
      action: back && { label: t('action.undo'), run: () => void run(back, container) },
    });
  } catch (error) {
    toastError(t(FAILED[action], { name }), error);
  } finally {
    setWorking(container.id, false);
  }
}

/** What can be done to a container in its state, in the order of the buttons. */
export function actionsFor(container: Container): Action[] {
  if (container.state === 'paused') return ['unpause', 'stop', 'restart'];
  if (isRunning(container)) return ['stop', 'restart', 'pause'];
  return container.state === 'removing' ? [] : ['start'];
}

/** Starts, stops and so on, one at a time for each container, with a message and an undo at the end. */
export function useContainerActions() {
  const ids = useSyncExternalStore(subscribe, () => working);
  return {
    busy: (id: string) => ids.has(id),
    run: (action: Action, container: Container) => void run(action, container),
  };
}
