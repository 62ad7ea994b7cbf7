import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { Job } from '@/api/types';
import { ErrorNotice } from '@/components/ErrorNotice';
import { toastError } from '@/components/toasts';
import { isTyped, TypedName } from '@/components/TypedName';
import type { InstalledApp, Plan } from '@/domain/apps';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import { JobDialog } from '../parts/JobDialog';
import { JobProgress } from '../parts/JobProgress';
import { Difference } from '../parts/Sheet';
import classes from './App.module.css';

interface Props {
  app: InstalledApp;
  onClose: () => void;
}

/** What an update would change; then the update itself. */
export default function UpdateDialog({ app, onClose }: Props) {
  return (
    <JobDialog
      title={t('app.updateTitle', { name: app.name })}
      size={640}
      onClose={onClose}
      ask={(onBegun) => <Preview app={app} onBegun={onBegun} onClose={onClose} />}
      follow={(job, onRetry) => <Following app={app} job={job} onRetry={onRetry} onClose={onClose} />}
    />
  );
}

function Preview({ app, onBegun, onClose }: Props & { onBegun: (job: Job) => void }) {
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const params = { path: { id: app.id } };
  const found = useQuery({
    queryKey: ['apps', 'update-plan', app.id],
    queryFn: () => unwrap(api.POST('/api/apps/{id}/update', { params, body: { plan: true } })) as Promise<Plan>,
    staleTime: 0,
    retry: false,
  });
  if (found.error !== null) return <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />;
  if (found.data === undefined) return <Skeleton height={240} radius={10} />;
  const plan = found.data;
  const worse = (plan.difference?.added.length ?? 0) > 0 && plan.sheet.needsTypedConfirmation;
  const trusted = !worse || isTyped(typed, app.name);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!trusted) return;
    setBusy(true);
    try {
      onBegun((await unwrap(api.POST('/api/apps/{id}/update', { params, body: { acceptRisks: worse } }))) as Job);
    } catch (error) {
      toastError(t('app.updateFailed', { name: app.name }), error);
      setBusy(false);
    }
  };
  return (
    <form className={classes.dialog} onSubmit={(event) => void submit(event)}>
      {plan.version !== app.version && (
        <p className={classes.becomes}>{t('app.becomes', { from: app.version, to: plan.version })}</p>
      )}
      <section>
        <h3>{t('app.changes')}</h3>
        {plan.changes.length === 0 ? (
          <p className="dim">{t('app.noChanges')}</p>
        ) : (
          <ul>
            {plan.changes.map((change) => (
              <li key={change}>{change}</li>
            ))}
          </ul>
        )}
      </section>
      {plan.difference !== null && (
        <section>
          <h3>{t('app.rightsChange')}</h3>
          <Difference difference={plan.difference} words={plan.sheet.ratingWords} />
        </section>
      )}
      {plan.snapshotBytes !== null && (
        <section>
          <h3>{t('app.copy')}</h3>
          <p>
            {plan.snapshotBytes === 0
              ? t('app.copyFree')
              : t('app.copySize', { size: bytes(plan.snapshotBytes), free: bytes(plan.freeBytes) })}
          </p>
        </section>
      )}
      {worse && (
        <TypedName label={t('app.typed', { name: app.name })} value={typed} onChange={setTyped} />
      )}
      <p className="dim">{t('app.updateText')}</p>
      <div className={classes.actions}>
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button type="submit" loading={busy} disabled={!trusted}>
          {t('app.updateBegin')}
        </Button>
      </div>
    </form>
  );
}

function Following({ app: { name }, job, onRetry, onClose }: Props & { job: Job; onRetry: () => void }) {
  const close = (
    <Button variant="default" onClick={onClose}>
      {t('action.close')}
    </Button>
  );
  return (
    <JobProgress
      job={job}
      working={t('app.goesOn')}
      done={{ title: t('app.updateDone', { name }), text: t('app.updateDoneText'), actions: close }}
      broken={{
        title: t('app.updateBroke', { name }),
        text: t('app.updateBrokeText'),
        actions: (
          <>
            {close}
            <Button onClick={onRetry}>{t('app.again')}</Button>
          </>
        ),
      }}
    />
  );
}
