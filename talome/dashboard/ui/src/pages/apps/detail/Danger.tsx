import '../found/texts';
import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { toastError } from '@/components/toasts';
import type { AppSettings, InstalledApp } from '@/domain/apps';
import { t } from '@/i18n';
import classes from './App.module.css';
import Uninstall from './Uninstall';

interface Props {
  app: InstalledApp;
  /** Where it comes from, if it ran before Talome had it. */
  origin: AppSettings['origin'];
}

/** What cannot simply be taken back. */
export default function Danger({ app, origin }: Props) {
  const navigate = useNavigate();
  const [asked, setAsked] = useState(false);
  const release = async () => {
    try {
      await unwrap(api.DELETE('/api/adopt/{id}', { params: { path: { id: app.id } } }));
      await navigate({ to: '/apps' });
    } catch (error) {
      toastError(t('adopt.releaseFailed', { name: app.name }), error);
    }
  };
  return (
    <div className={classes.form}>
      {origin && (
        <section className={classes.danger}>
          <p>{t('adopt.releaseText', { maker: origin.maker })}</p>
          <Button variant="default" disabled={app.state === 'working'} onClick={() => void release()}>
            {t('adopt.release')}
          </Button>
        </section>
      )}
      <section className={classes.danger}>
        <p>{t('app.uninstallZone')}</p>
        <Button variant="light" color="red" disabled={app.state === 'working'} onClick={() => setAsked(true)}>
          {t('apps.uninstall')}
        </Button>
        {asked && <Uninstall app={app} onBegun={() => void navigate({ to: '/apps' })} onClose={() => setAsked(false)} />}
      </section>
    </div>
  );
}
