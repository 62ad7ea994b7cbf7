import { NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { FormDialog } from '@/components/FormDialog';
import { toast } from '@/components/toasts';
import { t } from '@/i18n';
import { type Provider, PROVIDERS } from './names';

interface Props {
  onAdded: () => Promise<void>;
  onClose: () => void;
}

/** Takes the key of a provider. It is tried at once, and never shown again. */
export default function NewProviderKey({ onAdded, onClose }: Props) {
  const [provider, setProvider] = useState<Provider>('openai');
  const [secret, setSecret] = useState('');
  const [label, setLabel] = useState('');
  const [url, setUrl] = useState('');
  const [problems, setProblems] = useState<Record<string, string>>({});
  const custom = provider === 'custom';
  const send = async (): Promise<boolean> => {
    const missing = { ...(secret.trim() === '' && { secret: t('ai.needed') }), ...(custom && url.trim() === '' && { base_url: t('ai.needed') }) };
    setProblems(missing);
    if (Object.keys(missing).length > 0) return false;
    try {
      const base_url = custom ? url.trim() : null;
      const body = { provider, secret: secret.trim(), label: label.trim(), base_url };
      const { status, models } = await unwrap(api.POST('/v1/provider-keys', { body }));
      if (status === 'active') toast({ tone: 'ok', title: t('ai.answers', { count: models }) });
      else toast({ tone: 'danger', title: t('ai.keptUnverified') });
    } catch (error) {
      if (!(error instanceof ApiError) || error.field === null) throw error;
      setProblems({ [error.field]: error.message });
      return false;
    }
    await onAdded();
    return true;
  };
  return (
    <FormDialog title={t('ai.addProvider')} submitLabel={t('ai.addProvider')} autoComplete="off" onSubmit={send} onClose={onClose}>
      <NativeSelect
        label={t('ai.provider')}
        size="md"
        value={provider}
        error={problems.provider}
        onChange={(event) => setProvider(event.currentTarget.value as Provider)}
        data={Object.entries(PROVIDERS).map(([value, name]) => ({ value, label: name }))}
      />
      {custom && (
        <TextInput
          label={t('ai.address')}
          description={t('ai.baseUrlHelp')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          inputMode="url"
          value={url}
          error={problems.base_url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
      )}
      <PasswordInput
        label={t('ai.secret')}
        description={t('ai.secretHelp')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        autoComplete="new-password"
        value={secret}
        error={problems.secret}
        onChange={(event) => setSecret(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': t('action.show'), tabIndex: 0 }}
        data-autofocus
      />
      <TextInput
        label={t('ai.name')}
        description={t('ai.nameHelp')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        value={label}
        maxLength={100}
        error={problems.label}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
