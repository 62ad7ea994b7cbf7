import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { FormDialog } from '@/components/FormDialog';
import { t } from '@/i18n';
import type { Passkey, SecondFactors } from './useFactors';

interface Props {
  passkey: Passkey;
  onDone: (factors: SecondFactors) => void;
  onClose: () => void;
}

export function RenamePasskey({ passkey: { id, name: old }, onDone, onClose }: Props) {
  const [name, setName] = useState(old);
  const title = t('account.renamePasskeyOf', { name: old });
  const rename = async () => {
    onDone(await unwrap(api.PUT('/api/auth/passkeys/{id}', { params: { path: { id } }, body: { name: name.trim() } })));
    return true;
  };
  return (
    <FormDialog
      title={title}
      submitLabel={t('account.renamePasskey')}
      disabled={name.trim() === ''}
      onSubmit={rename}
      onClose={onClose}
    >
      <TextInput
        label={t('account.passkeyName')}
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
    </FormDialog>
  );
}
