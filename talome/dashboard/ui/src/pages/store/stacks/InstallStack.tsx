import '../../apps/texts';
import { Button, Checkbox, Skeleton } from '@mantine/core';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { Job } from '@/api/types';
import { isTyped, TypedName } from '@/components/TypedName';
import { useSettled } from '@/components/useSettled';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import { AnswerFields } from '../../apps/parts/AnswerFields';
import { type Answers, missing } from '../../apps/parts/answers';
import { JobDialog } from '../../apps/parts/JobDialog';
import { JobProgress } from '../../apps/parts/JobProgress';
import { Sheet } from '../../apps/parts/Sheet';
import store from '../StoreApp.module.css';
import { type PlannedMember, type Stack, type StackPlan } from './stacks';
import classes from './Stacks.module.css';

interface Props {
  stack: Stack;
  onClose: () => void;
}

interface Draft {
  env: Record<string, Answers>;
  without: string[];
}

/** What was entered stays as long as this tab, and is written nowhere: it may hold passwords. */
const drafts = new Map<string, Draft>();
const EMPTY: Draft = { env: {}, without: [] };

const install = (id: string, draft: Draft, more: { plan?: boolean; acceptRisks?: boolean }) =>
  unwrap(api.POST('/api/stacks/{id}/install', { params: { path: { id } }, body: { ...draft, ...more } }));

/** Asks how to install the missing apps of a stack, shows what that means, and follows it to its end. */
export default function InstallStack({ stack, going, onClose }: Props & { going: Job | null }) {
  return (
    <JobDialog
      title={t('stackInstall.title', { name: stack.name })}
      size={760}
      going={going}
      onClose={onClose}
      ask={(onBegun) => <Questions stack={stack} onBegun={onBegun} onClose={onClose} />}
      follow={(job, onRetry) => <Following stack={stack} job={job} onRetry={onRetry} onClose={onClose} />}
    />
  );
}

function Questions({ stack, onBegun, onClose }: Props & { onBegun: (job: Job) => void }) {
  const [draft, setDraft] = useState<Draft>(() => drafts.get(stack.id) ?? EMPTY);
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const change = (next: Draft) => {
    drafts.set(stack.id, next);
    setDraft(next);
    setRefused(null);
  };
  const settled = useSettled(draft);
  const plan = useQuery({
    queryKey: ['apps', 'stacks', stack.id, 'plan', settled],
    queryFn: () => install(stack.id, settled, { plan: true }) as Promise<StackPlan>,
    placeholderData: keepPreviousData,
    enabled: !busy, // once it has begun, there is no plan for it any more
    staleTime: 0,
    retry: false,
  });
  const trouble = refused ?? plan.error;
  const accept = plan.data?.accept ?? [];
  const trusted = accept.length === 0 || isTyped(typed, stack.name);
  const some = plan.data?.members.some(({ outcome }) => outcome === 'installed') ?? false;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!trusted || plan.data?.ready !== true) return;
    setBusy(true);
    try {
      onBegun((await install(stack.id, draft, { acceptRisks: accept.length > 0 })) as Job);
    } catch (error) {
      setRefused(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={store.install} onSubmit={(event) => void submit(event)} noValidate autoComplete="off">
      <p>{t('stackInstall.intro')}</p>
      {trouble !== null && (
        <div className={store.trouble} role="alert">
          <strong>{t('stackInstall.planFailed')}</strong>
          <p>{trouble instanceof Error ? trouble.message : String(trouble)}</p>
        </div>
      )}
      {plan.data === undefined ? (
        plan.isFetching && (
          <div role="status" aria-label={t('stackInstall.planning')}>
            {stack.members.map(({ appId }) => (
              <Skeleton key={appId} height={56} radius={10} mb={12} />
            ))}
          </div>
        )
      ) : (
        <>
          <section className={store.section}>
            <h3>{t('stackInstall.which')}</h3>
            {plan.data.members.map((member) => (
              <Choice key={member.appId} member={member} stack={stack} draft={draft} onChange={change} />
            ))}
          </section>
          {some ? <Together plan={plan.data} /> : <p className="dim">{t('stackInstall.nothing')}</p>}
          {accept.length > 0 && (
            <section className={store.trust}>
              <p>{t('stackInstall.trust', { names: accept.join(', ') })}</p>
              <TypedName label={t('stackInstall.typed', { name: stack.name })} value={typed} onChange={setTyped} />
            </section>
          )}
        </>
      )}
      <div className={store.foot}>
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button type="submit" loading={busy} disabled={!trusted || !some || plan.data?.ready !== true}>
          {t('stackInstall.begin')}
        </Button>
      </div>
    </form>
  );
}

interface ChoiceProps {
  member: PlannedMember;
  stack: Stack;
  draft: Draft;
  onChange: (draft: Draft) => void;
}

/** An app of the stack: whether it comes, what it is told, and what it asks. */
function Choice({ member, stack, draft, onChange }: ChoiceProps) {
  const { appId, name, outcome, problem, plan, given } = member;
  const fields = member.fields.filter((field) => !given.some((each) => each.name === field.name));
  const kept = outcome === 'kept';
  const answers = draft.env[appId] ?? {};
  const lacking = missing(fields, answers);
  const why = stack.members.find((each) => each.appId === appId)?.why ?? '';
  const take = (on: boolean) =>
    onChange({ ...draft, without: on ? draft.without.filter((each) => each !== appId) : [...draft.without, appId] });
  const answer = (field: string, value: string) =>
    onChange({ ...draft, env: { ...draft.env, [appId]: { ...answers, [field]: value } } });
  return (
    <div className={classes.choice}>
      <Checkbox
        size="md"
        label={name}
        description={kept ? t('stackInstall.kept') : why}
        checked={kept || !draft.without.includes(appId)}
        disabled={kept}
        onChange={(event) => take(event.currentTarget.checked)}
      />
      {outcome === 'impossible' && <p className={classes.said} data-tone="warn">{problem}</p>}
      {plan !== null && <p className={classes.said}>{t('stackInstall.rights', { rating: plan.sheet.rating, words: plan.sheet.ratingWords })}</p>}
      {given.map(({ name: field, label, value }) => (
        <p key={field} className={classes.said}>
          {t('stackInstall.given', { label, value })}
        </p>
      ))}
      {!kept && outcome !== 'left_out' && (fields.length > 0 || plan !== null) && (
        <details open={outcome === 'impossible' && lacking.length > 0 ? true : undefined}>
          <summary>{t('stackInstall.more', { name })}</summary>
          <div className={classes.details}>
            {fields.length > 0 && <AnswerFields fields={fields} answers={answers} errors={{}} onAnswer={answer} />}
            {plan !== null && plan.ports.length > 0 && (
              <span className="num">
                {t('stackInstall.ports', { list: plan.ports.map(({ port }) => port).join(', ') })}
              </span>
            )}
            {plan !== null && <Sheet sheet={plan.sheet} />}
          </div>
        </details>
      )}
    </div>
  );
}

function Together({ plan }: { plan: StackPlan }) {
  const { images, imagesMissing, freeBytes } = plan;
  return (
    <section className={store.section}>
      <h3>{t('stackInstall.takes')}</h3>
      <dl className={classes.takes}>
        <div>
          <dt>{t('stackInstall.images', { count: images })}</dt>
          <dd className="num">{imagesMissing === 0 ? t('stackInstall.allHere') : t('stackInstall.toFetch', { count: imagesMissing })}</dd>
        </div>
        <div>
          <dt>{t('stackInstall.free')}</dt>
          <dd className="num">{bytes(freeBytes)}</dd>
        </div>
      </dl>
    </section>
  );
}

function Following({ stack, job, onRetry, onClose }: Props & { job: Job; onRetry: () => void }) {
  const queries = useQueryClient();
  const again = () => {
    void queries.invalidateQueries({ queryKey: ['apps'] });
    onRetry();
  };
  const { name } = stack;
  return (
    <JobProgress
      job={job}
      working={t('stackInstall.working')}
      done={{
        title: t('stackInstall.done', { name }),
        text: t('stackInstall.doneText'),
        actions: (
          <Button onClick={onClose} data-autofocus>
            {t('stackInstall.close')}
          </Button>
        ),
      }}
      broken={{
        title: t('stackInstall.broke', { name }),
        text: t('stackInstall.brokeText'),
        actions: (
          <>
            <Button variant="default" onClick={onClose}>
              {t('stackInstall.close')}
            </Button>
            <Button onClick={again}>{t('stackInstall.retry')}</Button>
          </>
        ),
      }}
    />
  );
}
