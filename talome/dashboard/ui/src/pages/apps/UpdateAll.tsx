import { Button, Checkbox, Modal, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { useWide } from '@/app/useWide';
import { ErrorNotice } from '@/components/ErrorNotice';
import { toastError } from '@/components/toasts';
import type { BulkPlan, BulkResult, InstalledApp } from '@/domain/apps';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import classes from './detail/App.module.css';
import { Difference } from './parts/Sheet';
import { Outcomes } from './parts/Outcomes';

interface Props {
  apps: InstalledApp[];
  onClose: () => void;
}

/** What updating several apps changes, one by one and in sum; then how far each of them is. */
export default function UpdateAll({ apps, onClose }: Props) {
  const wide = useWide();
  // The apps as they were: those that are done meanwhile stay in the list.
  const [chosen] = useState(() => apart(apps));
  const [results, setResults] = useState<BulkResult[] | null>(null);
  return (
    <Modal
      opened
      onClose={onClose}
      size={720}
      fullScreen={!wide}
      title={t('updateAll.title', { count: chosen.length })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {results === null ? (
        <Preview apps={chosen} onBegun={setResults} onClose={onClose} />
      ) : (
        <Outcomes apps={chosen} results={results} onClose={onClose} />
      )}
    </Modal>
  );
}

/** Two of the same name are told apart by what they are called on this machine. */
const apart = (apps: InstalledApp[]): InstalledApp[] =>
  apps.map((app) => (apps.some(({ id, name }) => name === app.name && id !== app.id) ? { ...app, name: `${app.name} (${app.id})` } : app));

function Preview({ apps, onBegun, onClose }: Props & { onBegun: (results: BulkResult[]) => void }) {
  const [accepted, setAccepted] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const appIds = apps.map(({ id }) => id);
  const found = useQuery({
    queryKey: ['apps', 'update-plan', ...appIds],
    queryFn: () => unwrap(api.POST('/api/apps/bulk', { body: { action: 'update', appIds, plan: true } })) as Promise<BulkPlan>,
    staleTime: 0,
    retry: false,
  });
  if (found.error !== null) return <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />;
  if (found.data === undefined) return <Skeleton height={280} radius={10} role="status" aria-label={t('updateAll.planning')} />;
  const plan = found.data;
  const going = plan.apps.filter(({ id, error, mustBeAccepted }) => error === null && (!mustBeAccepted || accepted.has(id)));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const body = { action: 'update' as const, appIds: going.map(({ id }) => id), acceptRisksOf: [...accepted] };
      onBegun((await unwrap(api.POST('/api/apps/bulk', { body }))) as BulkResult[]);
    } catch (error) {
      toastError(t('apps.bulkFailed'), error);
      setBusy(false);
    }
  };
  return (
    <form className={classes.dialog} onSubmit={(event) => void submit(event)}>
      <ul className={classes.several}>
        {plan.apps.map((planned) => (
          <Planned
            key={planned.id}
            app={apps.find(({ id }) => id === planned.id)}
            planned={planned}
            accepted={accepted.has(planned.id)}
            onAccept={(on) => setAccepted(new Set(on ? [...accepted, planned.id] : [...accepted].filter((id) => id !== planned.id)))}
          />
        ))}
      </ul>
      <p>{sum(plan)}</p>
      {!plan.roomIsEnough && (
        <p role="alert" className={classes.tight}>
          {t('updateAll.tight')}
        </p>
      )}
      <p className="dim">{t('updateAll.text')}</p>
      <div className={classes.actions}>
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button type="submit" loading={busy} disabled={going.length === 0}>
          {t('updateAll.begin', { count: going.length })}
        </Button>
      </div>
    </form>
  );
}

const sum = ({ imagesToFetch, snapshotBytes, freeBytes }: BulkPlan): string =>
  [
    t('updateAll.fetch', { count: imagesToFetch }),
    snapshotBytes === 0 ? t('app.copyFree') : t('updateAll.copies', { size: bytes(snapshotBytes), free: bytes(freeBytes) }),
  ].join(' · ');

interface PlannedProps {
  app: InstalledApp | undefined;
  planned: BulkPlan['apps'][number];
  accepted: boolean;
  onAccept: (on: boolean) => void;
}

function Planned({ app, planned: { id, plan, mustBeAccepted, error }, accepted, onAccept }: PlannedProps) {
  const name = app?.name ?? id;
  if (plan === null) {
    return (
      <li>
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <p className={classes.refused}>{t('updateAll.leftOut', { reason: error ?? '' })}</p>
      </li>
    );
  }
  return (
    <li>
      <strong>
        <bdi>{name}</bdi>
      </strong>{' '}
      <span className="dim">
        {app !== undefined && plan.version !== app.version
          ? t('app.becomes', { from: app.version, to: plan.version })
          : t('app.noChanges')}
      </span>
      {mustBeAccepted && plan.difference !== null && (
        <div className={classes.risk}>
          <Difference difference={plan.difference} words={plan.sheet.ratingWords} />
          <Checkbox
            checked={accepted}
            label={t('updateAll.accept', { name })}
            description={t('updateAll.acceptHelp')}
            onChange={(event) => onAccept(event.currentTarget.checked)}
          />
        </div>
      )}
    </li>
  );
}
