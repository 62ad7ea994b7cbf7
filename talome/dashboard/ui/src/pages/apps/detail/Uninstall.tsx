import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { Confirm } from '@/components/Confirm';
import { toast, toastError } from '@/components/toasts';
import type { InstalledApp } from '@/domain/apps';
import { t } from '@/i18n';
import classes from './App.module.css';

interface Props {
  app: InstalledApp;
  onBegun?: () => void;
  onClose: () => void;
}

/** The one question before an app goes: what happens to it, and to its data. */
export default function Uninstall({ app, onBegun, onClose }: Props) {
  const [toTrash, setToTrash] = useState(false);
  const [busy, setBusy] = useState(false);
  const uninstall = async () => {
    setBusy(true);
    try {
      const params = { path: { id: app.id }, query: { keepData: !toTrash } };
      await unwrap(api.DELETE('/api/apps/{id}', { params }));
      toast({ tone: 'info', title: t('apps.begun') });
      onClose();
      onBegun?.();
    } catch (error) {
      toastError(t('app.uninstallFailed', { name: app.name }), error);
      setBusy(false);
    }
  };
  return (
    <Confirm
      title={t('app.uninstallTitle', { name: app.name })}
      confirmLabel={t('apps.uninstall')}
      dangerous
      busy={busy}
      onConfirm={() => void uninstall()}
      onClose={onClose}
    >
      <div className={classes.question}>
        <p>{t('app.uninstallText')}</p>
        <Checkbox
          label={t('app.uninstallTrash')}
          description={t('app.uninstallTrashHelp')}
          checked={toTrash}
          onChange={(event) => setToTrash(event.currentTarget.checked)}
        />
      </div>
    </Confirm>
  );
}
