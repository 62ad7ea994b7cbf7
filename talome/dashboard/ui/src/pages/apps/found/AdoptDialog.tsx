import './texts';
import { Button, Skeleton } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { Job } from '@/api/types';
import { ErrorNotice } from '@/components/ErrorNotice';
import { toastError } from '@/components/toasts';
import { isTyped, TypedName } from '@/components/TypedName';
import { type AdoptionPlan, addressOfApp, type FoundApp } from '@/domain/apps';
import { t } from '@/i18n';
import { bytes, listed } from '@/i18n/format';
import classes from '../detail/App.module.css';
import { JobDialog } from '../parts/JobDialog';
import { JobProgress } from '../parts/JobProgress';
import parts from '../parts/Parts.module.css';
import { Sheet } from '../parts/Sheet';
import { ComposeText } from '../parts/Takes';

interface Props {
  app: FoundApp;
  onClose: () => void;
}

const LEAST_LOST = 1_000_000;

/** What taking over would mean; then the work itself. */
export default function AdoptDialog({ app, onClose }: Props) {
  return (
    <JobDialog
      title={t('adopt.title', { name: app.name })}
      size={720}
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
    queryKey: ['apps', 'found', app.id],
    queryFn: () => unwrap(api.GET('/api/adopt/{id}', { params })),
    enabled: !busy, // once it has begun, there is no plan for it any more
    staleTime: 0,
    retry: false,
  });
  if (found.error !== null && !busy) return <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />;
  if (found.data === undefined) return <Skeleton height={240} radius={10} />;
  const plan = found.data;
  const risky = plan.plan.sheet.needsTypedConfirmation || (plan.writtenBytes ?? 0) >= LEAST_LOST;
  const trusted = !risky || isTyped(typed, app.name);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!trusted) return;
    setBusy(true);
    try {
      onBegun(await unwrap(api.POST('/api/adopt/{id}', { params, body: { acceptRisks: risky } })));
    } catch (error) {
      toastError(t('adopt.failed', { name: app.name }), error);
      setBusy(false);
    }
  };
  return (
    <form className={classes.dialog} onSubmit={(event) => void submit(event)}>
      <What plan={plan} />
      {plan.warnings.length > 0 && (
        <section>
          <h3>{t('adopt.warnings')}</h3>
          <ul>
            {plan.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h3>{t('adopt.rights')}</h3>
        <Sheet sheet={plan.plan.sheet} />
      </section>
      <details className={parts.fold}>
        <summary>{t('adopt.difference')}</summary>
        {plan.difference ? <ComposeText text={plan.difference} /> : <p>{t('adopt.same')}</p>}
      </details>
      {risky && (
        <TypedName label={t('adopt.accept', { name: app.name })} value={typed} onChange={setTyped} />
      )}
      <div className={classes.actions}>
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button type="submit" loading={busy} disabled={!trusted}>
          {t('adopt.begin')}
        </Button>
      </div>
    </form>
  );
}

function What({ plan }: { plan: AdoptionPlan }) {
  const lost = plan.writtenBytes ?? 0;
  return (
    <section>
      <h3>{t('adopt.what')}</h3>
      <ul>
        {plan.untouched.length > 0 && <li>{t('adopt.untouched', { names: listed(plan.untouched) })}</li>}
        {plan.madeAnewLater.length > 0 && <li>{t('adopt.later', { names: listed(plan.madeAnewLater) })}</li>}
        {plan.madeAnewNow.length > 0 && <li>{t('adopt.now', { names: listed(plan.madeAnewNow) })}</li>}
        {lost > 0 && <li>{t('adopt.written', { size: bytes(lost) })}</li>}
        <li>{t('adopt.data')}</li>
      </ul>
      <p className="dim">{plan.source === 'file' ? t('adopt.file', { files: listed(plan.files) }) : t('adopt.containers')}</p>
    </section>
  );
}

function Following({ app: { name }, job, onRetry, onClose }: Props & { job: Job; onRetry: () => void }) {
  const queries = useQueryClient();
  const again = () => {
    void queries.invalidateQueries({ queryKey: ['apps'] });
    onRetry();
  };
  const close = (
    <Button variant="default" onClick={onClose}>
      {t('action.close')}
    </Button>
  );
  const id = job.subject?.replace(/^app:/, '') ?? '';
  return (
    <JobProgress
      job={job}
      working={t('adopt.working')}
      done={{
        title: t('adopt.done', { name }),
        text: t('adopt.doneText'),
        actions: (
          <>
            {close}
            <Button data-autofocus renderRoot={(props) => <Link to={addressOfApp(id)} {...props} />}>
              {t('adopt.manage')}
            </Button>
          </>
        ),
      }}
      broken={{
        title: t('adopt.broke', { name }),
        text: t('adopt.brokeText'),
        actions: (
          <>
            {close}
            <Button onClick={again}>{t('adopt.again')}</Button>
          </>
        ),
      }}
    />
  );
}
