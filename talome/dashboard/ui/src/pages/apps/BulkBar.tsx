import { Button, CloseButton } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import type { Power } from '@/domain/appPower';
import type { InstalledApp } from '@/domain/apps';
import { t } from '@/i18n';
import { type Bulk, bulk, concerns } from './actions';
import classes from './Apps.module.css';

const Confirm = lazy(() => import('@/components/Confirm').then((module) => ({ default: module.Confirm })));
const UpdateAll = lazy(() => import('./UpdateAll'));
const ACTIONS: Bulk[] = ['start', 'stop', 'restart', 'update'];

/** What can be done to all ticked apps at once, after one confirmation that names them. */
export function BulkBar({ chosen, onClear }: { chosen: InstalledApp[]; onClear: () => void }) {
  const [asked, setAsked] = useState<Bulk | null>(null);
  const [busy, setBusy] = useState(false);
  if (chosen.length === 0) return null;
  const touched = (action: Bulk) => chosen.filter((app) => concerns(action, app));
  const send = async (action: Power) => {
    setBusy(true);
    await bulk(action, touched(action));
    setBusy(false);
    setAsked(null);
    onClear();
  };
  return (
    <>
      <div className={classes.bulk} role="toolbar" aria-label={t('apps.selected', { count: chosen.length })}>
        <strong className="num">{t('apps.selected', { count: chosen.length })}</strong>
        <span className={classes.bulkActions}>
          {ACTIONS.map((action) => (
            <Button
              key={action}
              size="compact-md"
              variant="subtle"
              disabled={touched(action).length === 0}
              onClick={() => setAsked(action)}
            >
              {t(`apps.${action}`)}
            </Button>
          ))}
        </span>
        <CloseButton aria-label={t('apps.clearSelection')} onClick={onClear} />
      </div>
      <Suspense>
        {asked === 'update' && <UpdateAll apps={touched(asked)} onClose={() => setAsked(null)} />}
        {asked !== null && asked !== 'update' && (
          <Confirm
            title={t('apps.bulkTitle', { action: t(`apps.${asked}`), count: touched(asked).length })}
            names={touched(asked).map(({ name }) => name)}
            confirmLabel={t(`apps.${asked}`)}
            busy={busy}
            onConfirm={() => void send(asked)}
            onClose={() => setAsked(null)}
          >
            {t('apps.bulkText')}
          </Confirm>
        )}
      </Suspense>
    </>
  );
}
