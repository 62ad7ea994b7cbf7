import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { InstalledApp } from '@/domain/apps';
import { t } from '@/i18n';
import classes from './App.module.css';
import Uninstall from './Uninstall';

/** What cannot simply be taken back. */
export default function Danger({ app }: { app: InstalledApp }) {
  const navigate = useNavigate();
  const [asked, setAsked] = useState(false);
  return (
    <section className={classes.danger}>
      <p>{t('app.uninstallZone')}</p>
      <Button variant="light" color="red" disabled={app.state === 'working'} onClick={() => setAsked(true)}>
        {t('apps.uninstall')}
      </Button>
      {asked && <Uninstall app={app} onBegun={() => void navigate({ to: '/apps' })} onClose={() => setAsked(false)} />}
    </section>
  );
}
