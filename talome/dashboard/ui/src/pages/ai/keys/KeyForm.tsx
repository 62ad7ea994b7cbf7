import { NativeSelect, NumberInput, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { FormDialog } from '@/components/FormDialog';
import { ShownOnce } from '@/components/ShownOnce';
import { t } from '@/i18n';
import { amountOf } from '../money';
import { useAi } from '../useAi';
import type { Key } from './KeysList';

interface Props {
  /** Null for a new one. */
  apiKey: Key | null;
  onSaved: () => Promise<void>;
  onClose: () => void;
}

/** Makes a key, which is shown this once, or changes what one may spend. */
export default function KeyForm({ apiKey, onSaved, onClose }: Props) {
  const workspaces = useAi('workspaces', () => unwrap(api.GET('/v1/workspaces')));
  const [name, setName] = useState(apiKey?.name ?? '');
  const [workspace, setWorkspace] = useState('');
  const [budget, setBudget] = useState<number | null>(apiKey?.monthly_budget_usd ?? null);
  const [localOnly, setLocalOnly] = useState(apiKey?.local_only ?? false);
  const [problem, setProblem] = useState<string | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  if (secret !== null) return <ShownOnce title={t('ai.keyMade')} text={t('ai.keyOnce')} secret={secret} onClose={onClose} />;
  const save = async (): Promise<boolean> => {
    if (name.trim() === '') {
      setProblem(t('ai.needed'));
      return false;
    }
    const terms = { name: name.trim(), monthly_budget_usd: budget, local_only: localOnly };
    if (apiKey !== null) await unwrap(api.PATCH('/v1/keys/{id}', { params: { path: { id: apiKey.id } }, body: terms }));
    else setSecret((await unwrap(api.POST('/v1/keys', { body: { ...terms, workspace_id: workspace || null } }))).key);
    await onSaved();
    return apiKey !== null;
  };
  const title = apiKey === null ? t('ai.newKey') : t('ai.editOf', apiKey);
  return (
    <FormDialog title={title} submitLabel={apiKey === null ? t('ai.makeKey') : t('ai.save')} onSubmit={save} onClose={onClose}>
      <TextInput
        label={t('ai.name')}
        description={t('ai.keyNameHelp')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        value={name}
        maxLength={100}
        error={problem}
        onChange={(event) => {
          setName(event.currentTarget.value);
          setProblem(null);
        }}
        data-autofocus
      />
      {apiKey === null && (workspaces.data?.data.length ?? 0) > 0 && (
        <NativeSelect
          label={t('ai.workspace')}
          size="md"
          value={workspace}
          onChange={(event) => setWorkspace(event.currentTarget.value)}
          data={[
            { value: '', label: t('ai.none') },
            ...(workspaces.data?.data ?? []).map((each) => ({ value: each.workspace_id, label: each.name })),
          ]}
        />
      )}
      <BudgetInput value={budget} onChange={setBudget} />
      <Switch label={t('ai.staysHere')} description={t('ai.staysHereHelp')} checked={localOnly} onChange={(event) => setLocalOnly(event.currentTarget.checked)} />
    </FormDialog>
  );
}

/** Dollars a month; empty is no budget. */
export function BudgetInput({ value, onChange }: { value: number | null; onChange: (value: number | null) => void }) {
  return (
    <NumberInput
      label={t('ai.monthlyBudget')}
      description={t('ai.monthlyBudgetHelp')}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      prefix="$"
      min={0}
      max={1_000_000}
      decimalScale={2}
      value={value ?? ''}
      onChange={(next) => onChange(amountOf(next))}
    />
  );
}
