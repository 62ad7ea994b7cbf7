import { Button } from '@mantine/core';
import { IconShieldLock } from '@tabler/icons-react';
import { useUser } from '@/app/session';
import { t } from '@/i18n';
import classes from './Account.module.css';
import { useFactors } from './useFactors';

/** For an administrator who may do nothing else before there is a second factor. */
export function Due() {
  const user = useUser();
  const { data } = useFactors();
  if (user.role !== 'admin' || user.scopes.includes('*') || data === undefined) return null;
  const done = data.authenticator !== null || data.passkeys.length > 0;
  return (
    <section className={classes.due} role="status">
      <IconShieldLock size={22} stroke={1.75} aria-hidden />
      <div>
        <strong>{t('account.due')}</strong>
        <p>{t('account.dueText')}</p>
        {done && (
          <Button mt={12} onClick={() => window.location.assign('/')}>
            {t('account.dueDone')}
          </Button>
        )}
      </div>
    </section>
  );
}
