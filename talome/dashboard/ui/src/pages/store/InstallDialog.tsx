import '../apps/texts';
import { Button, Skeleton } from '@mantine/core';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import type { Job } from '@/api/types';
import { AppPicture } from '@/components/AppPicture';
import { toastError } from '@/components/toasts';
import { isTyped, TypedName } from '@/components/TypedName';
import { addressOfApp, type AppDetail, type AppPort, pageOfApp, type Plan, useInstalled } from '@/domain/apps';
import { t } from '@/i18n';
import { AnswerFields } from '../apps/parts/AnswerFields';
import { missing, portComplaints, wishedPorts } from '../apps/parts/answers';
import { JobDialog } from '../apps/parts/JobDialog';
import { JobProgress } from '../apps/parts/JobProgress';
import { PortFields } from '../apps/parts/PortFields';
import { Sheet } from '../apps/parts/Sheet';
import { Takes } from '../apps/parts/Takes';
import { type Draft, keepDraft, keptDraft } from './drafts';
import classes from './StoreApp.module.css';
import { useSettled } from '@/components/useSettled';

interface Props {
  app: AppDetail;
  onClose: () => void;
}

const bodyOf = (app: AppDetail, { answers, ports }: Draft) => ({
  appId: app.appId,
  storeId: app.store,
  env: answers,
  ports: wishedPorts(ports),
});

/** Asks how to install an app, shows what that means, and follows it to its end. */
export default function InstallDialog({ app, going, onClose }: Props & { going: Job | null }) {
  return (
    <JobDialog
      title={t('install.title', { name: app.name })}
      size={720}
      going={going}
      onClose={onClose}
      ask={(onBegun) => <Questions app={app} onBegun={onBegun} onClose={onClose} />}
      follow={(job, onRetry) => <Following app={app} job={job} onRetry={onRetry} onClose={onClose} />}
    />
  );
}

interface QuestionsProps extends Props {
  onBegun: (job: Job) => void;
}

function Questions({ app, onBegun, onClose }: QuestionsProps) {
  const [draft, setDraft] = useState<Draft>(() => keptDraft(app.id));
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const change = (part: Partial<Draft>) => {
    const next = { ...draft, ...part };
    keepDraft(app.id, next);
    setDraft(next);
    setRefused(null);
  };
  const settled = useSettled(draft);
  const lacking = missing(app.fields, settled.answers);
  const plan = useQuery({
    queryKey: ['apps', 'plan', app.id, settled],
    queryFn: () => unwrap(api.POST('/api/apps/install', { body: { ...bodyOf(app, settled), plan: true } })) as Promise<Plan>,
    placeholderData: keepPreviousData,
    enabled: lacking.length === 0 && !busy, // once it has begun, there is no plan for it any more
    staleTime: 0,
    retry: false,
  });
  const trouble = refused ?? plan.error;
  const errors = fieldErrors(app, trouble, missing(app.fields, draft.answers).filter((name) => left.has(name)));
  const rest = trouble !== null && !isAtField(app, trouble) ? trouble : null;
  const ports = plan.data?.ports ?? refusedPort(trouble);
  const needsTyping = plan.data?.sheet.needsTypedConfirmation ?? false;
  const portsWrong = Object.keys(portComplaints(plan.data?.ports ?? [], draft.ports)).length > 0;
  const trusted = !needsTyping || isTyped(typed, app.name);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setLeft(new Set(app.fields.map(({ name }) => name)));
    if (missing(app.fields, draft.answers).length > 0 || portsWrong || !trusted) return;
    setBusy(true);
    try {
      const body = { ...bodyOf(app, draft), acceptRisks: needsTyping };
      onBegun((await unwrap(api.POST('/api/apps/install', { body }))) as Job);
    } catch (error) {
      setRefused(error);
      if (!(error instanceof ApiError)) toastError(t('install.failed', { name: app.name }), error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={classes.install} onSubmit={(event) => void submit(event)} noValidate autoComplete="off">
      <div className={classes.installHead}>
        <AppPicture name={app.name} seed={app.appId} src={app.icon} size={48} />
        <div>
          <strong>{app.tagline || app.name}</strong>
          <span>{t('install.intro')}</span>
        </div>
      </div>
      {app.fields.length > 0 && (
        <section className={classes.section}>
          <h3>{t('install.settings')}</h3>
          <AnswerFields
            fields={app.fields}
            answers={draft.answers}
            errors={errors}
            onAnswer={(name, answer) => change({ answers: { ...draft.answers, [name]: answer } })}
            onLeave={(name) => setLeft(new Set([...left, name]))}
          />
        </section>
      )}
      {rest !== null && <Trouble error={rest} />}
      {ports.length > 0 && (
        <section className={classes.section}>
          <h3>{t('install.ports')}</h3>
          <p>{t('install.portsHelp')}</p>
          <PortFields
            ports={ports}
            typed={draft.ports}
            refused={portRefusal(trouble)}
            onType={(key, text) => change({ ports: { ...draft.ports, [key]: text } })}
          />
        </section>
      )}
      {plan.data === undefined ? (
        <Unplanned waiting={lacking.length > 0} planning={plan.isFetching} />
      ) : (
        <>
          <section className={classes.section}>
            <h3>{t('install.rights')}</h3>
            <Sheet sheet={plan.data.sheet} />
          </section>
          <section className={classes.section}>
            <h3>{t('install.needs')}</h3>
            <Takes plan={plan.data} />
          </section>
          {needsTyping && (
            <section className={classes.trust}>
              <p>{t('install.typedText', { name: app.name })}</p>
              <TypedName label={t('install.typed', { name: app.name })} value={typed} onChange={setTyped} />
            </section>
          )}
        </>
      )}
      <div className={classes.foot}>
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button type="submit" loading={busy} disabled={!trusted || (plan.data === undefined && lacking.length === 0)}>
          {t('install.begin')}
        </Button>
      </div>
    </form>
  );
}

const isAtField = (app: AppDetail, error: unknown): boolean =>
  error instanceof ApiError && (error.field === 'ports' || app.fields.some(({ name }) => name === error.field));

const portRefusal = (error: unknown): string | undefined =>
  error instanceof ApiError && error.field === 'ports' ? error.message : undefined;

/** The one port that keeps the whole plan from being made, so that another number can be given for it. */
function refusedPort(error: unknown): AppPort[] {
  if (!(error instanceof ApiError) || error.field !== 'ports') return [];
  const { key, port } = error.details;
  if (typeof key !== 'string' || typeof port !== 'number') return [];
  return [{ key, port, protocol: key.includes('/udp') ? 'udp' : 'tcp' }];
}

function fieldErrors(app: AppDetail, error: unknown, empty: string[]): Record<string, string> {
  const said = error instanceof ApiError && error.field !== null && isAtField(app, error) ? { [error.field]: error.message } : {};
  return { ...Object.fromEntries(empty.map((name) => [name, t('fields.needed')])), ...said };
}

function Trouble({ error }: { error: unknown }) {
  return (
    <div className={classes.trouble} role="alert">
      <strong>{t('install.planFailed')}</strong>
      <p>{error instanceof Error ? error.message : String(error)}</p>
    </div>
  );
}

function Unplanned({ waiting, planning }: { waiting: boolean; planning: boolean }) {
  if (waiting) return <p className="dim">{t('install.fillFirst')}</p>;
  if (!planning) return null;
  return (
    <div role="status" aria-label={t('install.planning')}>
      <Skeleton height={20} width="40%" mb={12} />
      <Skeleton height={96} radius={10} mb={24} />
      <Skeleton height={96} radius={10} />
    </div>
  );
}

interface FollowingProps extends Props {
  job: Job;
  onRetry: () => void;
}

function Following({ app, job, onRetry, onClose }: FollowingProps) {
  const installed = useInstalled().data?.find(({ store }) => store === app.id);
  const queries = useQueryClient();
  const page = installed && pageOfApp(installed);
  const again = () => {
    void queries.invalidateQueries({ queryKey: ['apps'] });
    onRetry();
  };
  const { name } = app;
  return (
    <JobProgress
      job={job}
      working={t('install.working')}
      done={{
        title: t('install.done', { name }),
        text: t('install.doneText'),
        actions: (
          <>
            <Button variant="default" renderRoot={(props) => <Link to={addressOfApp(installed?.id ?? app.appId)} {...props} />}>
              {t('storeApp.manage')}
            </Button>
            {page && (
              <Button component="a" href={page} target="_blank" rel="noopener noreferrer" data-autofocus>
                {t('install.open', { name })}
              </Button>
            )}
          </>
        ),
      }}
      broken={{
        title: t('install.broke', { name }),
        text: t('install.brokeText'),
        actions: (
          <>
            <Button variant="default" onClick={onClose}>
              {t('install.close')}
            </Button>
            <Button onClick={again}>{t('install.retry')}</Button>
          </>
        ),
      }}
    />
  );
}
