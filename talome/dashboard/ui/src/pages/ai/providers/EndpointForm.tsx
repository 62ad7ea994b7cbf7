import { Button, NativeSelect, PasswordInput, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { FormDialog } from '@/components/FormDialog';
import { toast } from '@/components/toasts';
import { t } from '@/i18n';
import classes from '../Ai.module.css';
import type { Endpoint } from './EndpointsList';

interface Props {
  /** Null for a new one. */
  endpoint: Endpoint | null;
  onSaved: () => Promise<void>;
  onClose: () => void;
}

/** Where the usual servers listen, seen from the machine that Talome runs on. */
const PRESETS = [
  { label: 'Ollama', url: 'http://127.0.0.1:11434' },
  { label: 'LM Studio', url: 'http://127.0.0.1:1234' },
  { label: 'vLLM', url: 'http://127.0.0.1:8000' },
  { label: 'llama.cpp', url: 'http://127.0.0.1:8080' },
  { label: 'LocalAI', url: 'http://127.0.0.1:8081' },
];
const order = ['label', 'input', 'description', 'error'] as ('label' | 'input' | 'description' | 'error')[];

/** Adds a server of models, or changes one. The address is tried before it is used. */
export default function EndpointForm({ endpoint, onSaved, onClose }: Props) {
  const [url, setUrl] = useState(endpoint?.url ?? '');
  const [label, setLabel] = useState(endpoint?.label ?? '');
  const [model, setModel] = useState(endpoint?.default_model ?? '');
  const [token, setToken] = useState('');
  const [enabled, setEnabled] = useState(endpoint?.status !== 'disabled');
  const [problem, setProblem] = useState<string | null>(null);
  const save = async (): Promise<boolean> => {
    if (url.trim() === '') {
      setProblem(t('ai.needed'));
      return false;
    }
    const headers = token.trim() === '' ? undefined : { Authorization: `Bearer ${token.trim()}` };
    const body = { url: url.trim(), label: label.trim(), default_model: model || null, ...(headers && { headers }) };
    try {
      const saved =
        endpoint === null
          ? await unwrap(api.POST('/v1/local-endpoints', { body }))
          : await unwrap(api.PATCH('/v1/local-endpoints/{id}', { params: { path: { id: endpoint.id } }, body: { ...body, enabled } }));
      if (saved.status === 'healthy') toast({ tone: 'ok', title: t('ai.answers', { count: saved.models.length }) });
      else if (saved.status !== 'disabled') toast({ tone: 'danger', title: t('ai.keptUnreachable'), text: saved.status_reason ?? undefined });
    } catch (error) {
      if (!(error instanceof ApiError) || error.field === null) throw error;
      setProblem(error.message);
      return false;
    }
    await onSaved();
    return true;
  };
  const title = endpoint === null ? t('ai.addEndpoint') : t('ai.editEndpoint');
  return (
    <FormDialog title={title} submitLabel={endpoint === null ? t('ai.addEndpoint') : t('ai.save')} autoComplete="off" onSubmit={save} onClose={onClose}>
      {endpoint === null && (
        <div className={classes.presets}>
          {PRESETS.map((preset) => (
            <Button
              key={preset.label}
              size="xs"
              variant="default"
              onClick={() => {
                setUrl(preset.url);
                setLabel(preset.label);
              }}
            >
              {preset.label}
            </Button>
          ))}
        </div>
      )}
      <TextInput
        label={t('ai.address')}
        description={t('ai.addressHelp')}
        inputWrapperOrder={order}
        inputMode="url"
        autoCapitalize="none"
        spellCheck={false}
        value={url}
        error={problem}
        onChange={(event) => {
          setUrl(event.currentTarget.value);
          setProblem(null);
        }}
        data-autofocus
      />
      <TextInput label={t('ai.name')} value={label} maxLength={100} onChange={(event) => setLabel(event.currentTarget.value)} />
      {endpoint !== null && (
        <NativeSelect
          label={t('ai.defaultModel')}
          value={model}
          onChange={(event) => setModel(event.currentTarget.value)}
          data={[{ value: '', label: t('ai.noDefault') }, ...endpoint.models]}
        />
      )}
      <PasswordInput
        label={t('ai.token')}
        description={endpoint !== null && endpoint.headers.length > 0 ? t('ai.tokenKept') : t('ai.tokenHelp')}
        inputWrapperOrder={order}
        autoComplete="new-password"
        value={token}
        onChange={(event) => setToken(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': t('action.show'), tabIndex: 0 }}
      />
      {endpoint !== null && (
        <Switch label={t('ai.enabled')} checked={enabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />
      )}
    </FormDialog>
  );
}
