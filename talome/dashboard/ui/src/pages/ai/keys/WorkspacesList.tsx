import { ActionIcon, Button } from '@mantine/core';
import { IconBriefcase, IconPencil, IconPlus } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { useMay } from '@/app/session';
import { useWide } from '@/app/useWide';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { StateBadge } from '@/components/StateBadge';
import { t } from '@/i18n';
import classes from '../Ai.module.css';
import { dollars } from '../money';
import { Section } from '@/components/Section';
import { useAi } from '../useAi';

const WorkspaceForm = lazy(() => import('./WorkspaceForm'));

export type Workspace = components['schemas']['Workspace'];

const COLUMNS: Column<Workspace>[] = [
  {
    id: 'name',
    label: t('ai.name'),
    value: ({ name }) => name,
    show: ({ name, workspace_id, local_only }) => (
      <>
        <span className={classes.strong}>{name}</span>
        <span className={classes.below}>
          <span className={classes.code}>{workspace_id}</span> {local_only && <span className={classes.badge}>{t('ai.staysHere')}</span>}
        </span>
      </>
    ),
    width: '44%',
  },
  {
    id: 'state',
    label: t('ai.state'),
    value: ({ status }) => status,
    show: ({ status }) => (
      <StateBadge state={status === 'active' ? { tone: 'ok', label: t('ai.inUse') } : { tone: 'idle', label: t('ai.archived') }} />
    ),
  },
  {
    id: 'budget',
    label: t('ai.monthlyBudget'),
    value: ({ monthly_budget_usd }) => monthly_budget_usd,
    show: ({ monthly_budget_usd }) => (monthly_budget_usd === null ? t('ai.noBudget') : dollars(monthly_budget_usd)),
    end: true,
  },
];

/** Areas with a budget of their own, which several keys share. */
export function WorkspacesList() {
  const mayChange = useMay('gateway:write');
  const wide = useWide();
  const list = useAi('workspaces', () => unwrap(api.GET('/v1/workspaces')));
  const [edited, setEdited] = useState<Workspace | 'new' | null>(null);
  const add = (
    <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setEdited('new')}>
      {t('ai.newWorkspace')}
    </Button>
  );
  return (
    <Section title={t('ai.workspaces')} text={t('ai.workspacesText')}>
      <Loaded list={list}>
        {({ data }) => (
          <DataList
            name="ai.workspaces"
            label={t('ai.workspaces')}
            columns={COLUMNS}
            rows={data}
            rowKey={({ id }) => id}
            order={{ sort: 'name', descending: false }}
            tools={mayChange && data.length > 0 && add}
            actions={
              mayChange
                ? (workspace) => (
                    <ActionIcon
                      size={wide ? 34 : 44}
                      aria-label={t('ai.editOf', workspace)}
                      title={t('ai.editOf', workspace)}
                      onClick={() => setEdited(workspace)}
                    >
                      <IconPencil size={18} stroke={1.75} />
                    </ActionIcon>
                  )
                : undefined
            }
            empty={
              <EmptyState
                icon={<IconBriefcase size={26} stroke={1.75} />}
                title={t('ai.noWorkspaces')}
                text={t('ai.noWorkspacesText')}
                action={mayChange && add}
              />
            }
          />
        )}
      </Loaded>
      <Suspense>
        {edited && (
          <WorkspaceForm
            workspace={edited === 'new' ? null : edited}
            onSaved={async () => void (await list.refetch())}
            onClose={() => setEdited(null)}
          />
        )}
      </Suspense>
    </Section>
  );
}
