import { Button } from '@mantine/core';
import { IconSparkles } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { t } from '@/i18n';
import { useConnection } from '@/live';
import classes from './ConnectionBanner.module.css';
import { takeOver } from './serviceWorker';
import { lookForUpdate, putOff, useUpdateReady } from './update';

/** After what somebody is waiting for. */
const LOOK_AFTER_MS = 1_000;

/**
 * Says that a new version is served. An update of the server breaks the connection, so each new one is a look; the first
 * one too, since the page may have been loaded without the server.
 */
export function UpdateBanner() {
  const ready = useUpdateReady();
  const [busy, setBusy] = useState(false);
  const connection = useConnection();
  useEffect(() => {
    if (connection !== 'open') return undefined;
    const timer = window.setTimeout(() => void lookForUpdate(), LOOK_AFTER_MS);
    return () => window.clearTimeout(timer);
  }, [connection]);
  const reload = async () => {
    setBusy(true);
    await takeOver();
    window.location.reload();
  };
  return (
    <div role="status">
      {ready && (
        <div className={classes.banner} data-tone="info">
          <IconSparkles size={18} stroke={1.75} aria-hidden />
          <span>{t('update.ready')}</span>
          <div className={classes.choices}>
            <Button size="compact-sm" variant="default" onClick={putOff}>
              {t('update.later')}
            </Button>
            <Button size="compact-sm" loading={busy} onClick={() => void reload()}>
              {t('update.reload')}
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}
