import { api, unwrap } from '@/api/client';
import type { InstalledApp } from './apps';

export type Power = 'start' | 'stop' | 'restart';

/** Begins the job. */
export const beginPower = (action: Power, id: string) => {
  const params = { params: { path: { id } } };
  switch (action) {
    case 'start':
      return unwrap(api.POST('/api/apps/{id}/start', params));
    case 'stop':
      return unwrap(api.POST('/api/apps/{id}/stop', params));
    case 'restart':
      return unwrap(api.POST('/api/apps/{id}/restart', params));
  }
};

/** What makes sense in the app's state. */
export const actionsFor = ({ state }: InstalledApp): Power[] => {
  if (state === 'working') return [];
  return state === 'stopped' ? ['start'] : state === 'partly' ? ['start', 'stop', 'restart'] : ['stop', 'restart'];
};
