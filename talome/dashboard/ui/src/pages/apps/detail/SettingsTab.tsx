import { Button } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { type FormEvent, lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { toast, toastError } from '@/components/toasts';
import type { AppSettings, InstalledApp, Plan } from '@/domain/apps';
import { t } from '@/i18n';
import { listed } from '@/i18n/format';
import { AnswerFields } from '../parts/AnswerFields';
import { type Answers, missing, portComplaints, wishedPorts } from '../parts/answers';
import { NO_CHANGES, partsBody } from '../parts/partChanges';
import { ExtraFolders, FolderFields, LimitFields } from '../parts/PartFields';
import { PortFields } from '../parts/PortFields';
import classes from './App.module.css';

const Confirm = lazy(() => import('@/components/Confirm').then((module) => ({ default: module.Confirm })));

interface Props {
  app: InstalledApp;
  settings: AppSettings;
}

/** Answers, ports, limits and folders of an installed app: entered, checked by the server, confirmed, saved. */
export default function SettingsTab({ app, settings }: Props) {
  const [answers, setAnswers] = useState<Answers>({});
  const [ports, setPorts] = useState<Record<string, string>>({});
  const [parts, setParts] = useState(NO_CHANGES);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [plan, setPlan] = useState<Plan | null>(null);
  const [busy, setBusy] = useState(false);
  const secrets = new Set(settings.fields.filter(({ kind }) => kind === 'password').map(({ name }) => name));
  const known = Object.fromEntries(Object.entries(settings.answers).filter(([name]) => !secrets.has(name)));
  const changed = Object.entries(answers).filter(([name, answer]) => answer !== known[name] && !(secrets.has(name) && answer === ''));
  const moved = settings.ports.filter(({ key, port }) => ports[key] !== undefined && ports[key].trim() !== String(port));
  const ofParts = partsBody(settings, parts);
  const dirty = changed.length > 0 || moved.length > 0 || Object.keys(ofParts).length > 0;
  useBlocker({ shouldBlockFn: () => dirty && !window.confirm(t('app.leave')), enableBeforeUnload: dirty });

  const moves = Object.fromEntries(moved.map(({ key }) => [key, ports[key] ?? '']));
  const body = { env: Object.fromEntries(changed), ports: wishedPorts(moves), ...ofParts };
  const forget = () => {
    setAnswers({});
    setPorts({});
    setParts(NO_CHANGES);
    setErrors({});
  };
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
      await unwrap(api.PUT('/api/apps/{id}/settings', { params, body: { ...body, acceptRisks: risks.length > 0 } }));
      forget();
      toast({ tone: 'info', title: t('app.saved') });
    } catch (error) {
      refuse(error);
    } finally {
      setBusy(false);
      setPlan(null);
    }
  };
  const risks = plan?.sheet.needsTypedConfirmation ? (plan.difference?.added ?? []) : [];
  const folders = settings.parts.flatMap((part) => part.folders);
  const services = settings.parts.map(({ service }) => service);
  if (services.length === 0 && settings.fields.length === 0 && settings.ports.length === 0) return <p className="dim">{t('app.noSettings')}</p>;
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
      {services.length > 0 && (
        <>
          <section className={classes.card}>
            <h2>{t('parts.limits')}</h2>
            <p className="dim">{t('parts.limitsHelp')}</p>
            <LimitFields parts={settings.parts} changes={parts} onChange={setParts} />
            {errors.limits !== undefined && (
              <p className={classes.refused} role="alert">
                {errors.limits}
              </p>
            )}
          </section>
          {folders.length > 0 && (
            <section className={classes.card}>
              <h2>{t('parts.folders')}</h2>
              <p className="dim">{t('parts.foldersHelp')}</p>
              <FolderFields parts={settings.parts} changes={parts} refused={errors.folders} onChange={setParts} />
            </section>
          )}
          <section className={classes.card}>
            <h2>{t('parts.extra')}</h2>
            <p className="dim">{t('parts.extraHelp')}</p>
            <ExtraFolders
              services={services}
              folders={parts.extra ?? settings.extraFolders}
              refused={errors.extraFolders}
              onChange={(extra) => setParts({ ...parts, extra })}
            />
          </section>
        </>
      )}
      {dirty && (
        <div className={classes.save}>
          <p>{t('app.saveHelp')}</p>
          <Button
            variant="default"
            onClick={forget}
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
            typed={risks.length > 0 ? { word: app.name, label: t('parts.accept', { name: app.name }) } : undefined}
            onConfirm={() => void save()}
            onClose={() => setPlan(null)}
          >
            {t('app.saveHelp')}
            {risks.length > 0 && ` ${t('parts.risk', { items: listed(risks.map(({ title }) => title)) })}`}
          </Confirm>
        )}
      </Suspense>
    </form>
  );
}
