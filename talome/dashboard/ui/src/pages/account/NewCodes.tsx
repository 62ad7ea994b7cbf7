import { Button } from '@mantine/core';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { RecoveryCodes } from '@/components/RecoveryCodes';
import { t } from '@/i18n';
import classes from './Account.module.css';
import { AskPassword } from './AskPassword';
import { Section } from './Section';
import { useFactors } from './useFactors';

const FEW = 3;

export function NewCodes() {
  const { data, refresh } = useFactors();
  const [asking, setAsking] = useState(false);
  const [codes, setCodes] = useState<string[] | null>(null);
  const left = data?.recoveryCodesLeft;
  const make = async (password: string) => {
    const made = await unwrap(api.POST('/api/auth/recovery-codes', { body: { password } }));
    setCodes(made.recoveryCodes);
    setAsking(false);
    refresh();
  };
  return (
    <Section title={t('account.codes')} text={t('account.codesText')}>
      {codes === null ? (
        <>
          {left !== undefined && (
            <p className={classes.note} data-tone={left < FEW ? 'warn' : undefined}>
              {[t('account.codesCount', { count: left }), left < FEW ? t('account.codesFew') : ''].join(' ')}
            </p>
          )}
          <div>
            <Button variant="default" onClick={() => setAsking(true)}>
              {t('account.makeCodes')}
            </Button>
          </div>
        </>
      ) : (
        <div className={classes.form}>
          <p className={classes.note}>{t('gate.codesText')}</p>
          <RecoveryCodes codes={codes} />
        </div>
      )}
      {asking && (
        <AskPassword
          title={t('account.makeCodes')}
          text={t('account.codesConfirm')}
          confirmLabel={t('account.makeCodes')}
          onConfirm={make}
          onClose={() => setAsking(false)}
        />
      )}
    </Section>
  );
}
