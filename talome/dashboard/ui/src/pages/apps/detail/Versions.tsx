import { Button, Checkbox } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { Time } from '@/components/Time';
import { toastError } from '@/components/toasts';
import type { AppRevision, InstalledApp } from '@/domain/apps';
import { t } from '@/i18n';
import classes from './App.module.css';

const Confirm = lazy(() => import('@/components/Confirm').then((module) => ({ default: module.Confirm })));

/** What the app was before, the newest first, and the way back to it. */
export default function Versions({ app, revisions }: { app: InstalledApp; revisions: AppRevision[] }) {
  const [asked, setAsked] = useState<AppRevision | null>(null);
  const [withData, setWithData] = useState(false);
  const [busy, setBusy] = useState(false);
  const goBack = async ({ number }: AppRevision) => {
    setBusy(true);
    try {
      const body = { revision: number, withData };
      await unwrap(api.POST('/api/apps/{id}/rollback', { params: { path: { id: app.id } }, body }));
    } catch (error) {
      toastError(t('app.goBackFailed'), error);
    } finally {
      setBusy(false);
      setAsked(null);
    }
  };
  return (
    <>
      <p className="dim">{t('app.versionsText')}</p>
      <ul className={classes.revisions}>
        {[...revisions]
          .sort((a, b) => b.number - a.number)
          .map((revision) => (
            <li key={revision.number}>
              <div>
                <strong>{t('app.revision', { version: revision.version || '–', number: revision.number })}</strong>
                <span>
                  <Time iso={revision.madeAt} />
                  {!revision.current && ` · ${t(revision.hasData ? 'app.hasData' : 'app.noData')}`}
                </span>
              </div>
              {revision.current ? (
                <span className={classes.now}>{t('app.current')}</span>
              ) : (
                revision.number < app.revision && (
                  <Button
                    variant="default"
                    disabled={app.state === 'working'}
                    onClick={() => {
                      setWithData(revision.hasData);
                      setAsked(revision);
                    }}
                  >
                    {t('app.goBack')}
                  </Button>
                )
              )}
            </li>
          ))}
      </ul>
      <Suspense>
        {asked !== null && (
          <Confirm
            title={t('app.goBackTitle', { version: asked.version || asked.number })}
            confirmLabel={t('app.goBack')}
            busy={busy}
            onConfirm={() => void goBack(asked)}
            onClose={() => setAsked(null)}
          >
            <div className={classes.question}>
              <p>{t('app.goBackText')}</p>
              {asked.hasData && (
                <Checkbox
                  label={t('app.goBackData')}
                  description={t('app.goBackDataHelp')}
                  checked={withData}
                  onChange={(event) => setWithData(event.currentTarget.checked)}
                />
              )}
            </div>
          </Confirm>
        )}
      </Suspense>
    </>
  );
}
