import { PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { FormDialog } from '@/components/FormDialog';
import { toast } from '@/components/toasts';
import { t } from '@/i18n';
import classes from './System.module.css';

interface Props {
  onAdded: () => Promise<void>;
  onClose: () => void;
}

type Field = 'host' | 'username' | 'password';

/** Asks for a user name and password; they are kept only once the registry has accepted them. */
export function NewSignIn({ onAdded, onClose }: Props) {
  const [values, setValues] = useState<Record<Field, string>>({ host: '', username: '', password: '' });
  const [problems, setProblems] = useState<Partial<Record<Field, string>>>({});
  const at = (field: Field) => ({
    value: values[field],
    error: problems[field],
    onChange: (event: { currentTarget: { value: string } }) => {
      setValues({ ...values, [field]: event.currentTarget.value });
      setProblems({ ...problems, [field]: undefined });
    },
  });
  const send = async (): Promise<boolean> => {
    const empty = (Object.keys(values) as Field[]).filter((field) => values[field].trim() === '');
    setProblems(Object.fromEntries(empty.map((field) => [field, t('registry.needed')])));
    if (empty.length > 0) return false;
    try {
      const body = { ...values, host: values.host.trim(), username: values.username.trim() };
      const { host } = await unwrap(api.POST('/api/registries', { body }));
      toast({ tone: 'ok', title: t('registry.added', { host }) });
      await onAdded();
      return true;
    } catch (error) {
      const field = error instanceof ApiError ? error.field : null;
      if (field === null || !(field in values)) throw error;
      setProblems({ [field]: (error as ApiError).message });
      return false;
    }
  };
  const shared = { autoComplete: 'off', autoCapitalize: 'none', spellCheck: false };
  return (
    <FormDialog title={t('registry.add')} submitLabel={t('registry.add')} autoComplete="off" onSubmit={send} onClose={onClose}>
      <p className={classes.text}>{t('registry.addText')}</p>
      <TextInput
        {...shared}
        {...at('host')}
        label={t('registry.host')}
        description={t('registry.hostHelp')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        inputMode="url"
        data-autofocus
      />
      <TextInput {...shared} {...at('username')} label={t('registry.username')} />
      <PasswordInput
        {...at('password')}
        label={t('registry.password')}
        description={t('registry.passwordHelp')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': t('action.show'), tabIndex: 0 }}
      />
    </FormDialog>
  );
}
