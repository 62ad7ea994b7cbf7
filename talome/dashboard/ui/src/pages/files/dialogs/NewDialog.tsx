import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { FormDialog } from '@/components/FormDialog';
import { joined, whyNot } from '@/domain/files';
import { t } from '@/i18n';
import type { Operations } from '../operations';

interface Props {
  kind: 'folder' | 'text';
  folder: string;
  operations: Operations;
  onClose: () => void;
}

/** A new folder, or an empty text file. */
export default function NewDialog({ kind, folder, operations, onClose }: Props) {
  const [name, setName] = useState(kind === 'folder' ? '' : t('files.newTextName'));
  const [left, setLeft] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const wrong = whyNot(name);
  const submit = async () => {
    setLeft(true);
    if (wrong !== null) return false;
    const path = joined(folder, name.trim());
    try {
      if (kind === 'folder') await operations.makeFolder(path);
      else {
        await unwrap(api.PUT('/api/files/text', { body: { path, text: '' } }));
        await operations.refresh();
      }
      return true;
    } catch (error) {
      if (!(error instanceof ApiError) || error.unreachable) throw error;
      setRefused(error.message);
      return false;
    }
  };
  return (
    <FormDialog title={t(kind === 'folder' ? 'files.newFolder' : 'files.newText')} submitLabel={t('files.make')} autoComplete="off" onSubmit={submit} onClose={onClose}>
      <TextInput
        label={t('files.name')}
        value={name}
        maxLength={255}
        data-autofocus
        spellCheck={false}
        error={refused ?? (left ? wrong : null)}
        onBlur={() => setLeft(name !== '')}
        onChange={(event) => {
          setName(event.currentTarget.value);
          setRefused(null);
        }}
      />
    </FormDialog>
  );
}
