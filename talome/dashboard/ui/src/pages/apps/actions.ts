import { api, unwrap } from '@/api/client';
import { toast, toastError } from '@/components/toasts';
import type { BulkResult, InstalledApp } from '@/domain/apps';
import { actionsFor, beginPower, type Power } from '@/domain/appPower';
import { t } from '@/i18n';

export type Bulk = Power | 'update';

/** Whether the action would do anything to the app. */
export const concerns = (action: Bulk, app: InstalledApp): boolean =>
  app.state !== 'working' && (action === 'update' ? app.update !== null : actionsFor(app).includes(action));

/** Begins the job; how it ends is told to every tab by the job list. */
export async function power(action: Power, { id, name }: InstalledApp): Promise<void> {
  try {
    await beginPower(action, id);
  } catch (error) {
    toastError(t('apps.actionFailed', { action: t(`apps.${action}`), name }), error);
  }
}

/** The same for several; what could not be begun is told with its reason. */
export async function bulk(action: Power, apps: InstalledApp[]): Promise<void> {
  try {
    const body = { action, appIds: apps.map(({ id }) => id) };
    const results = (await unwrap(api.POST('/api/apps/bulk', { body }))) as BulkResult[];
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
