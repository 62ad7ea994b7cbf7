import { ActionIcon, Button } from '@mantine/core';
import { IconKey, IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { useMay } from '@/app/session';
import { useWide } from '@/app/useWide';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { StateBadge } from '@/components/StateBadge';
import { Time } from '@/components/Time';
import { toast, toastError } from '@/components/toasts';
import { useRemoval } from '@/components/useRemoval';
import { t } from '@/i18n';
import { NewSignIn } from './NewSignIn';
import { RemoveButton } from '@/components/RemoveButton';
import classes from './System.module.css';
import { useList } from './useList';


export type SignIn = components['schemas']['RegistrySignIn'];

const COLUMNS: Column<SignIn>[] = [
  {
    id: 'host',
    label: t('registry.host'),
    value: ({ host }) => host,
    show: ({ host }) => <span className={`${classes.words} ${classes.strong}`}>{host}</span>,
    width: '26%',
  },
  { id: 'username', label: t('registry.username'), value: ({ username }) => username, show: ({ username }) => username, width: '18%' },
  {
    id: 'state',
    label: t('system.state'),
    value: ({ failure }) => (failure === null ? 1 : 0),
    show: ({ failure }) => (
      <>
        <StateBadge state={failure === null ? { tone: 'ok', label: t('registry.works') } : { tone: 'danger', label: t('registry.refused') }} />
        {failure !== null && <span className={classes.below}>{failure}</span>}
      </>
    ),
  },
  {
    id: 'success',
    label: t('registry.lastSuccess'),
    value: ({ lastSuccessAt }) => (lastSuccessAt === null ? null : Date.parse(lastSuccessAt)),
    show: ({ lastSuccessAt }) => (lastSuccessAt === null ? t('registry.untried') : <Time iso={lastSuccessAt} />),
    end: true,
    width: '14%',
  },
];

/** The sign-ins for private registries: whether they work, and the ways to change that. */
export default function RegistriesTab() {
  const mayChange = useMay('registries:write');
  const queries = useQueryClient();
  const [adding, setAdding] = useState(false);
  const list = useList('registries', () => unwrap(api.GET('/api/registries')));
  const refresh = () => queries.invalidateQueries({ queryKey: ['system', 'registries'] });
  const [askToRemove, removal] = useRemoval<SignIn>({
    title: t('registry.removeTitle'),
    text: t('registry.removeText'),
    confirmLabel: t('registry.remove'),
    name: ({ host }) => host,
    remove: ({ host }) => unwrap(api.DELETE('/api/registries/{host}', { params: { path: { host } } })),
    failed: () => t('registry.removeFailed'),
    done: (host) => t('registry.removed', { host }),
    refresh: refresh,
  });
  const add = (
    <Button className={classes.end} leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      {t('registry.add')}
    </Button>
  );
  return (
    <div className={classes.stack}>
      <Loaded list={list}>
        {(registries) => (
          <DataList
            name="registries"
            label={t('system.registries')}
            columns={COLUMNS}
            rows={registries}
            rowKey={({ host }) => host}
            text={({ host, username }) => `${host} ${username}`}
            order={{ sort: 'host', descending: false }}
            actionsWidth={112}
            tools={mayChange && registries.length > 0 && add}
            actions={
              mayChange
                ? (registry) => (
                    <>
                      <CheckButton host={registry.host} onChecked={refresh} />
                      <RemoveButton label={t('registry.removeOf', registry)} onClick={() => askToRemove(registry)} />
                    </>
                  )
                : undefined
            }
            empty={
              <EmptyState
                icon={<IconKey size={26} stroke={1.75} />}
                title={t('registry.empty')}
                text={t('registry.emptyText')}
                action={mayChange && add}
              />
            }
          />
        )}
      </Loaded>
      {adding && <NewSignIn onAdded={refresh} onClose={() => setAdding(false)} />}
      {removal}
    </div>
  );
}

function CheckButton({ host, onChecked }: { host: string; onChecked: () => Promise<void> }) {
  const wide = useWide();
  const [busy, setBusy] = useState(false);
  const check = async () => {
    setBusy(true);
    try {
      const { failure } = await unwrap(api.POST('/api/registries/{host}/check', { params: { path: { host } } }));
      if (failure === null) toast({ tone: 'ok', title: t('registry.checked', { host }) });
      else toast({ tone: 'danger', title: t('registry.checkFailed', { host }), text: failure });
    } catch (error) {
      toastError(t('registry.checkFailed', { host }), error);
    }
    await onChecked();
    setBusy(false);
  };
  const label = t('registry.check', { host });
  return (
    <ActionIcon size={wide ? 34 : 44} aria-label={label} title={label} loading={busy} onClick={() => void check()}>
      <IconPlugConnected size={18} stroke={1.75} />
    </ActionIcon>
  );
}
