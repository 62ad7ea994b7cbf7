import { Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { FormDialog } from '@/components/FormDialog';
import { t } from '@/i18n';
import { BudgetInput } from './KeyForm';
import type { Workspace } from './WorkspacesList';

interface Props {
  /** Null for a new one. */
  workspace: Workspace | null;
  onSaved: () => Promise<void>;
  onClose: () => void;
}

/** Makes a workspace or changes one; its short name is what programs call it, and stays. */
export default function WorkspaceForm({ workspace, onSaved, onClose }: Props) {
  const [name, setName] = useState(workspace?.name ?? '');
  const [slug, setSlug] = useState('');
  const [budget, setBudget] = useState<number | null>(workspace?.monthly_budget_usd ?? null);
  const [localOnly, setLocalOnly] = useState(workspace?.local_only ?? false);
  const [active, setActive] = useState(workspace?.status !== 'archived');
  const [problem, setProblem] = useState<string | null>(null);
  const save = async (): Promise<boolean> => {
    if (name.trim() === '') {
      setProblem(t('ai.needed'));
      return false;
    }
    const body = { name: name.trim(), monthly_budget_usd: budget, local_only: localOnly };
    try {
      if (workspace === null) await unwrap(api.POST('/v1/workspaces', { body: { ...body, workspace_id: slug || slugOf(name) } }));
      else {
        const status = active ? 'active' : 'archived';
        await unwrap(api.PATCH('/v1/workspaces/{id}', { params: { path: { id: workspace.workspace_id } }, body: { ...body, status } }));
      }
    } catch (error) {
      if (!(error instanceof ApiError) || error.field === null) throw error;
      setProblem(error.message);
      return false;
    }
    await onSaved();
    return true;
  };
  return (
    <FormDialog
      title={workspace === null ? t('ai.newWorkspace') : t('ai.editOf', workspace)}
      submitLabel={workspace === null ? t('ai.makeWorkspace') : t('ai.save')}
      onSubmit={save}
      onClose={onClose}
    >
      <TextInput
        label={t('ai.name')}
        value={name}
        maxLength={100}
        error={problem}
        onChange={(event) => {
          setName(event.currentTarget.value);
          setProblem(null);
        }}
        data-autofocus
      />
      {workspace === null && (
        <TextInput
          label={t('ai.shortName')}
          description={t('ai.shortNameHelp')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          placeholder={slugOf(name)}
          value={slug}
          maxLength={64}
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => setSlug(event.currentTarget.value)}
        />
      )}
      <BudgetInput value={budget} onChange={setBudget} />
      <Switch label={t('ai.staysHere')} description={t('ai.staysHereHelp')} checked={localOnly} onChange={(event) => setLocalOnly(event.currentTarget.checked)} />
      {workspace !== null && (
        <Switch label={t('ai.inUse')} description={t('ai.inUseHelp')} checked={active} onChange={(event) => setActive(event.currentTarget.checked)} />
      )}
    </FormDialog>
  );
}

/** A name as programs write it: small letters, digits and dashes. */
export function slugOf(name: string): string {
  const plain = name.replaceAll('ß', 'ss').normalize('NFKD').replace(/\p{Mark}/gu, '').toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 64) || 'workspace';
}
