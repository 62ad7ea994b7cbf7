import '../found/texts';
import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { downloadFile } from '@/components/clipboard';
import { toastError } from '@/components/toasts';
import type { InstalledApp } from '@/domain/apps';
import { t } from '@/i18n';
import { ComposeText } from '../parts/Takes';
import classes from './App.module.css';

/** What the app is made of, to read and to take along. */
export default function File({ app, compose }: { app: InstalledApp; compose: string }) {
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const params = { path: { id: app.id } };
      downloadFile(`${app.id}.zip`, (await unwrap(api.GET('/api/apps/{id}/export', { params, parseAs: 'blob' }))) as Blob);
    } catch (error) {
      toastError(t('export.failed', { name: app.name }), error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={classes.form}>
      <section className={classes.card}>
        <p className="dim">{t('export.text')}</p>
        <Button variant="default" loading={busy} leftSection={<IconDownload size={18} stroke={1.75} />} onClick={() => void save()}>
          {t('export.button')}
        </Button>
      </section>
      <section className={classes.card}>
        <p className="dim">{t('app.fileText')}</p>
        <ComposeText text={compose} />
      </section>
    </div>
  );
}
