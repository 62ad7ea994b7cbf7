import { Button } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { type FormEvent, lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { toast, toastError } from '@/components/toasts';
import type { AppSettings, InstalledApp, Plan } from '@/domain/apps';
import { t } from '@/i18n';
import { AnswerFields } from '../parts/AnswerFields';
import { type Answers, missing, portComplaints, wishedPorts } from '../parts/answers';
import { PortFields } from '../parts/PortFields';
import classes from './App.module.css';

const Confirm = lazy(() => import('@/components/Confirm').then((module) => ({ default: module.Confirm })));

interface Props {
  app: InstalledApp;
  settings: AppSettings;
}

/** Answers and ports of an installed app: entered, checked by the server, confirmed, saved. */
export default function SettingsTab({ app, settings }: Props) {
  const [answers, setAnswers] = useState<Answers>({});
  const [ports, setPorts] = useState<Record<string, string>>({});
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [plan, setPlan] = useState<Plan | null>(null);
  const [busy, setBusy] = useState(false);
  const secrets = new Set(settings.fields.filter(({ kind }) => kind === 'password').map(({ name }) => name));
  const known = Object.fromEntries(Object.entries(settings.answers).filter(([name]) => !secrets.has(name)));
  const changed = Object.entries(answers).filter(([name, answer]) => answer !== known[name] && !(secrets.has(name) && answer === ''));
  const moved = settings.ports.filter(({ key, port }) => ports[key] !== undefined && ports[key].trim() !== String(port));
  const dirty = changed.length > 0 || moved.length > 0;
  useBlocker({ shouldBlockFn: () => dirty && !window.confirm(t('app.leave')), enableBeforeUnload: dirty });

  const body = { env: Object.fromEntries(changed), ports: wishedPorts(Object.fromEntries(moved.map(({ key }) => [key, ports[key] ?? '']))) };
  const params = { path: { id: app.id } };
  const refuse = (error: unknown) => {
    if (error instanceof ApiError && error.field !== null) setErrors({ [error.field]: error.message });
    else toastError(t('app.saveFailed'), error);
  };
  const check = async (event: FormEvent) => {
    event.preventDefault();
    const asked = settings.fields.filter(({ name }) => !secrets.has(name));
    const empty = missing(asked, { ...known, ...answers });
    setErrors(Object.fromEntries(empty.map((name) => [name, t('fields.needed')])));
    if (empty.length > 0 || Object.keys(portComplaints(settings.ports, ports)).length > 0) return;
    setBusy(true);
    try {
      setPlan((await unwrap(api.PUT('/api/apps/{id}/settings', { params, body: { ...body, plan: true } }))) as Plan);
    } catch (error) {
      refuse(error);
    } finally {
      setBusy(false);
    }
  };
  const save = async () => {
    setBusy(true);
    try {
      await unwrap(api.PUT('/api/apps/{id}/settings', { params, body }));
      setAnswers({});
      setPorts({});
      toast({ tone: 'info', title: t('app.saved') });
    } catch (error) {
      refuse(error);
    } finally {
      setBusy(false);
      setPlan(null);
    }
  };
  if (settings.fields.length === 0 && settings.ports.length === 0) return <p className="dim">{t('app.noSettings')}</p>;
  return (
    <form className={classes.form} onSubmit={(event) => void check(event)} noValidate autoComplete="off">
      {settings.fields.length > 0 && (
        <section className={classes.card}>
          <AnswerFields
            fields={settings.fields.map((field) => (secrets.has(field.name) ? { ...field, required: false, default: '' } : field))}
            answers={{ ...known, ...answers }}
            errors={errors}
            keepsSecrets
            onAnswer={(name, answer) => setAnswers({ ...answers, [name]: answer })}
          />
        </section>
      )}
      {settings.ports.length > 0 && (
        <section className={classes.card}>
          <h2>{t('app.ports')}</h2>
          <PortFields
            ports={settings.ports}
            typed={ports}
            refused={errors.ports}
            onType={(key, text) => setPorts({ ...ports, [key]: text })}
          />
        </section>
      )}
      {dirty && (
        <div className={classes.save}>
          <p>{t('app.saveHelp')}</p>
          <Button
            variant="default"
            onClick={() => {
              setAnswers({});
              setPorts({});
              setErrors({});
            }}
          >
            {t('app.discard')}
          </Button>
          <Button type="submit" loading={busy} disabled={app.state === 'working'}>
            {t('app.check')}
          </Button>
        </div>
      )}
      <Suspense>
        {plan !== null && (
          <Confirm
            title={t('app.saveTitle', { name: app.name })}
            names={plan.changes.length > 0 ? plan.changes : undefined}
            confirmLabel={t('app.save')}
            busy={busy}
            onConfirm={() => void save()}
            onClose={() => setPlan(null)}
          >
            {t('app.saveHelp')}
          </Confirm>
        )}
      </Suspense>
    </form>
  );
}
