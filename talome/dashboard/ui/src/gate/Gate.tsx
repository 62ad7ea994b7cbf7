import { Skeleton } from '@mantine/core';
import { useCallback, useEffect, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { takeEndReason } from '@/api/session';
import { ErrorNotice } from '@/components/ErrorNotice';
import { Mark } from '@/components/Mark';
import { t } from '@/i18n';
import { CreateAdmin } from './CreateAdmin';
import classes from './Gate.module.css';
import { Recover } from './Recover';
import { SaveCodes } from './SaveCodes';
import { SignIn } from './SignIn';

interface Setup {
  needsAdmin: boolean;
  needsSetupCode: boolean;
  version: string;
}

type Step =
  | { name: 'loading' }
  | { name: 'failed'; error: unknown }
  | { name: 'create' }
  | { name: 'codes'; codes: string[] }
  | { name: 'signIn' }
  | { name: 'recover' };

const endReason = takeEndReason();

/** The door: the server says whether it needs its first account or a sign-in. */
export function Gate({ onEnter }: { onEnter: () => void }) {
  const [setup, setSetup] = useState<Setup | null>(null);
  const [step, setStep] = useState<Step>({ name: 'loading' });

  const ask = useCallback(() => {
    unwrap(api.GET('/api/setup'))
      .then((answer) => {
        setSetup(answer);
        setStep(answer.needsAdmin ? { name: 'create' } : { name: 'signIn' });
      })
      .catch((error: unknown) => setStep({ name: 'failed', error }));
  }, []);
  useEffect(ask, [ask]);

  useEffect(() => {
    // The dashboard is fetched while the password is being typed.
    if (step.name === 'signIn' || step.name === 'codes') void import('@/app/start');
  }, [step.name]);

  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <Mark size={44} />
          <span className={classes.host}>{window.location.hostname}</span>
        </div>
        {step.name === 'loading' && <LoadingForm />}
        {step.name === 'failed' && (
          <ErrorNotice what={t('gate.unreachable')} error={step.error} onRetry={ask} />
        )}
        {step.name === 'create' && (
          <CreateAdmin
            needsSetupCode={setup?.needsSetupCode ?? false}
            onCreated={(codes) => (codes.length > 0 ? setStep({ name: 'codes', codes }) : onEnter())}
          />
        )}
        {step.name === 'codes' && <SaveCodes codes={step.codes} onDone={onEnter} />}
        {step.name === 'signIn' && (
          <SignIn notice={endReason} onEnter={onEnter} onForgot={() => setStep({ name: 'recover' })} />
        )}
        {step.name === 'recover' && <Recover onEnter={onEnter} onBack={() => setStep({ name: 'signIn' })} />}
      </div>
      {setup !== null && <p className={classes.version}>{t('gate.version', { version: setup.version })}</p>}
    </main>
  );
}

function LoadingForm() {
  return (
    <div className={classes.form} aria-busy="true" aria-label={t('app.loading')} role="status">
      <Skeleton height={34} width="45%" />
      <Skeleton height={66} />
      <Skeleton height={66} />
      <Skeleton height={42} />
    </div>
  );
}
