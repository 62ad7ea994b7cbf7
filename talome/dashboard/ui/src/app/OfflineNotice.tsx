import { Button } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import { createContext, useContext, useState } from 'react';
import { EmptyState } from '@/components/EmptyState';
import { PageHead } from '@/components/PageHead';
import { t } from '@/i18n';
import { relativeTime } from '@/i18n/format';
import { useConnection } from '@/live';

interface Away {
  /** When the server last answered; milliseconds since 1970. */
  since: number;
  retry: () => Promise<unknown>;
}

/** Set while the page was opened without the server, so that there is nothing to show yet. */
export const AwayContext = createContext<Away | null>(null);

export const useAway = (): Away | null => useContext(AwayContext);

/** In place of a page: why there is none, and that it comes by itself. */
export function OfflineNotice({ away }: { away: Away }) {
  const connection = useConnection();
  const [busy, setBusy] = useState(false);
  const text = t(connection === 'offline' ? 'offline.device' : 'offline.text');
  const last = t('offline.last', { when: relativeTime(new Date(away.since).toISOString()) });
  const retry = () => {
    setBusy(true);
    void away.retry().finally(() => setBusy(false));
  };
  return (
    <div role="status">
      <PageHead title={t('offline.title')} hidden />
      <EmptyState
        icon={<IconCloudOff size={26} stroke={1.75} />}
        title={t('offline.title')}
        text={`${text} ${last}`}
        action={
          <Button variant="default" loading={busy} onClick={retry}>
            {t('live.retry')}
          </Button>
        }
      />
    </div>
  );
}
