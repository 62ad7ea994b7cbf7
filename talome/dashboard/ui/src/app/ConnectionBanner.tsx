import { Button } from '@mantine/core';
import { IconCloudOff, IconWifiOff } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { t } from '@/i18n';
import { live, useConnection } from '@/live';
import classes from './ConnectionBanner.module.css';

const GRACE_MS = 2_500;

/** Says that figures may be old. A blink of the network is not worth a word. */
export function ConnectionBanner() {
  const connection = useConnection();
  const lost = connection === 'reconnecting' || connection === 'offline';
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!lost) return setLate(false);
    const timer = window.setTimeout(() => setLate(true), GRACE_MS);
    return () => window.clearTimeout(timer);
  }, [lost]);

  const shown = late && lost;
  const offline = connection === 'offline';
  const Icon = offline ? IconWifiOff : IconCloudOff;
  return (
    <div role="status">
      {shown && (
        <div className={classes.banner}>
          <Icon size={18} stroke={1.75} aria-hidden />
          <span>{t(offline ? 'live.offline' : 'live.reconnecting')}</span>
          {!offline && (
            <Button size="compact-sm" variant="default" onClick={() => live.reconnectNow()}>
              {t('live.retry')}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
