import { Button, Skeleton } from '@mantine/core';
import { IconDeviceMobileCheck } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ErrorNotice } from '@/components/ErrorNotice';
import { toast } from '@/components/toasts';
import { t } from '@/i18n';
import { relativeTime } from '@/i18n/format';
import classes from './Account.module.css';
import { AskPassword } from './AskPassword';
import { Section } from './Section';
import { useFactors } from './useFactors';

const SetUpApp = lazy(() => import('./SetUpApp'));

/** One-time codes of an authenticator app. */
export function AppFactor() {
  const { data, error, refetch, keep } = useFactors();
  const [open, setOpen] = useState<'setUp' | 'remove' | null>(null);
  const close = () => setOpen(null);
  const app = data?.authenticator;

  const remove = async (password: string) => {
    keep(await unwrap(api.POST('/api/auth/totp/remove', { body: { password } })));
    toast({ tone: 'ok', title: t('account.appRemoved') });
    close();
  };
  return (
    <Section title={t('account.app')} text={t('account.appText')}>
      {error !== null ? (
        <ErrorNotice error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton height={64} />
      ) : app ? (
        <ul className={classes.rows}>
          <li className={classes.row}>
            <IconDeviceMobileCheck size={20} stroke={1.75} aria-hidden />
            <div className={classes.rowWords}>
              <strong>{t('account.appOn')}</strong>
              <span>
                {app.lastUsedAt ? t('account.appUsed', { when: relativeTime(app.lastUsedAt) }) : t('account.appUnused')}
              </span>
            </div>
            <Button size="xs" variant="default" onClick={() => setOpen('setUp')}>
              {t('account.replaceApp')}
            </Button>
            <Button size="xs" variant="default" aria-label={t('account.appRemoveTitle')} onClick={() => setOpen('remove')}>
              {t('account.removeApp')}
            </Button>
          </li>
        </ul>
      ) : (
        <div>
          <Button variant="default" onClick={() => setOpen('setUp')}>
            {t('account.appTitle')}
          </Button>
        </div>
      )}
      {open === 'setUp' && (
        <Suspense>
          <SetUpApp
            onDone={(factors) => {
              keep(factors);
              close();
            }}
            onClose={close}
          />
        </Suspense>
      )}
      {open === 'remove' && (
        <AskPassword
          title={t('account.appRemoveTitle')}
          text={t('account.appRemoveText')}
          confirmLabel={t('account.removeApp')}
          dangerous
          onConfirm={remove}
          onClose={close}
        />
      )}
    </Section>
  );
}
