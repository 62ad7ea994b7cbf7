import { api, unwrap } from '@/api/client';
import { toast, toastError } from '@/components/toasts';
import type { InstalledApp } from '@/domain/apps';
import { t } from '@/i18n';

export type Power = 'start' | 'stop' | 'restart';
export type Bulk = Power | 'update';

const request = (action: Power, id: string) => {
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

/** Whether the action would do anything to the app. */
export const concerns = (action: Bulk, app: InstalledApp): boolean =>
  app.state !== 'working' && (action === 'update' ? app.update !== null : actionsFor(app).includes(action));

/** Begins the job; how it ends is told to every tab by the job list. */
export async function power(action: Power, { id, name }: InstalledApp): Promise<void> {
  try {
    await request(action, id);
  } catch (error) {
    toastError(t('apps.actionFailed', { action: t(`apps.${action}`), name }), error);
  }
}

/** The same for several; what could not be begun is told with its reason. */
export async function bulk(action: Bulk, apps: InstalledApp[]): Promise<void> {
  try {
    const results = await unwrap(api.POST('/api/apps/bulk', { body: { action, appIds: apps.map(({ id }) => id) } }));
    const failed = results.filter(({ error }) => error !== null);
    if (failed.length === 0) toast({ tone: 'info', title: t('apps.begun') });
    else {
      const text = failed.map(({ id, error }) => `${apps.find((app) => app.id === id)?.name ?? id}: ${error}`).join('\n');
      toast({ tone: 'danger', title: t('apps.bulkFailed'), text });
    }
  } catch (error) {
    toastError(t('apps.bulkFailed'), error);
  }
}
