import { Skeleton } from '@mantine/core';
import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { takeEndReason } from '@/api/session';
import { ErrorNotice } from '@/components/ErrorNotice';
import { Mark } from '@/components/Mark';
import { t } from '@/i18n';
import type { Demand } from './demand';
import classes from './Gate.module.css';
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
  | { name: 'second'; demand: Demand; recovered: boolean }
  | { name: 'recover' };

const endReason = takeEndReason();
// Most people sign in with a password and no more.
const SecondStep = lazy(() => import('./SecondStep'));
const CreateAdmin = lazy(() => import('./CreateAdmin'));
const SaveCodes = lazy(() => import('./SaveCodes'));
const Recover = lazy(() => import('./Recover'));

/** The door: the server says whether it needs its first account or a sign-in. */
export function Gate({ onEnter }: { onEnter: () => void }) {
  const [setup, setSetup] = useState<Setup | null>(null);
  const [step, setStep] = useState<Step>({ name: 'loading' });
  const [over, setOver] = useState(false);
  const back = (ranOut: boolean) => {
    setOver(ranOut);
    setStep({ name: 'signIn' });
  };

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
        <Suspense fallback={<LoadingForm />}>
          {step.name === 'create' && (
            <CreateAdmin
              needsSetupCode={setup?.needsSetupCode ?? false}
              onCreated={(codes) => (codes.length > 0 ? setStep({ name: 'codes', codes }) : onEnter())}
            />
          )}
          {step.name === 'codes' && <SaveCodes codes={step.codes} onDone={onEnter} />}
          {step.name === 'signIn' && (
            <SignIn
              notice={over ? 'over' : endReason}
              onEnter={onEnter}
              onDemand={(demand) => setStep({ name: 'second', demand, recovered: false })}
              onForgot={() => setStep({ name: 'recover' })}
            />
          )}
          {step.name === 'second' && (
            <SecondStep demand={step.demand} recovered={step.recovered} onEnter={onEnter} onBack={back} />
          )}
          {step.name === 'recover' && (
            <Recover
              onEnter={onEnter}
              onDemand={(demand) => setStep({ name: 'second', demand, recovered: true })}
              onBack={() => back(false)}
            />
          )}
        </Suspense>
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
