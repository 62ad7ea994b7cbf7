import { Button } from '@mantine/core';
import { IconCloudOff, IconWifiOff } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { t } from '@/i18n';
import { clockTime } from '@/i18n/format';
import { live, useConnection } from '@/live';
import classes from './ConnectionBanner.module.css';

const GRACE_MS = 2_500;

/** Says that figures may be old. A blink of the network is not worth a word. */
export function ConnectionBanner() {
  const connection = useConnection();
  const lost = connection === 'reconnecting' || connection === 'offline';
  const [since, setSince] = useState<number | null>(null);
  useEffect(() => {
    if (!lost) return setSince(null);
    const at = Date.now();
    const timer = window.setTimeout(() => setSince(at), GRACE_MS);
    return () => window.clearTimeout(timer);
  }, [lost]);

  const shown = since !== null && lost;
  const offline = connection === 'offline';
  const Icon = offline ? IconWifiOff : IconCloudOff;
  return (
    <div role="status">
      {shown && (
        <div className={classes.banner}>
          <Icon size={18} stroke={1.75} aria-hidden />
          <span>
            {t(offline ? 'live.offline' : 'live.reconnecting')} {t('offline.asOf', { time: clockTime(since) })}
          </span>
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
