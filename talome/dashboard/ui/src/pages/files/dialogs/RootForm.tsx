import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { useMay } from '@/app/session';
import { FormDialog } from '@/components/FormDialog';
import { toastError } from '@/components/toasts';
import { FILES, type Root } from '@/domain/files';
import { t } from '@/i18n';
import classes from './Dialogs.module.css';

type Access = Root['access'];

const LEVELS: Access[] = ['none', 'read', 'write'];

interface Props {
  /** Null for one that is new. */
  root: Root | null;
  onClose: () => void;
}

/** Opens a folder of the machine to people, and says who may do what in it. */
export default function RootForm({ root, onClose }: Props) {
  const queries = useQueryClient();
  const [name, setName] = useState(root?.name ?? '');
  const [folder, setFolder] = useState(root?.folder ?? '');
  const [everyone, setEveryone] = useState<Access>(root?.everyone ?? 'none');
  const [grants, setGrants] = useState(root?.grants ?? []);
  const [refused, setRefused] = useState<{ field: string | null; text: string } | null>(null);
  const [closing, setClosing] = useState(false);
  const submit = async () => {
    setRefused(null);
    try {
      const rights = { everyone, grants };
      if (root === null) await unwrap(api.POST('/api/files/roots', { body: { name: name.trim(), folder: folder.trim(), ...rights } }));
      else await unwrap(api.PATCH('/api/files/roots/{id}', { params: { path: { id: root.id } }, body: { name: name.trim(), ...rights } }));
    } catch (error) {
      if (!(error instanceof ApiError) || error.unreachable) throw error;
      setRefused({ field: error.field, text: error.message });
      return false;
    }
    await queries.invalidateQueries({ queryKey: [FILES] });
    return true;
  };
  const remove = async () => {
    if (root === null) return;
    try {
      await unwrap(api.DELETE('/api/files/roots/{id}', { params: { path: { id: root.id } } }));
      onClose();
    } catch (error) {
      toastError(t('files.removeRootFailed'), error);
    }
    await queries.invalidateQueries({ queryKey: [FILES] });
  };
  return (
    <FormDialog
      title={root === null ? t('files.addRoot') : t('files.editRoot', { name: root.name })}
      submitLabel={t(root === null ? 'files.openRoot' : 'files.save')}
      disabled={name.trim() === '' || folder.trim() === ''}
      autoComplete="off"
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput label={t('files.name')} value={name} maxLength={100} data-autofocus error={refused?.field === 'name' ? refused.text : null} onChange={(event) => setName(event.currentTarget.value)} />
      <TextInput
        label={t('files.folderOfMachine')}
        description={t(root === null ? 'files.folderHelp' : 'files.folderStays')}
        placeholder="/mnt/photos"
        value={folder}
        disabled={root !== null}
        spellCheck={false}
        error={refused !== null && refused.field !== 'name' ? refused.text : null}
        onChange={(event) => {
          setFolder(event.currentTarget.value);
          setRefused(null);
        }}
      />
      <NativeSelect
        size="md"
        label={t('files.everyone')}
        value={everyone}
        onChange={(event) => setEveryone(event.currentTarget.value as Access)}
        data={LEVELS.map((value) => ({ value, label: t(`files.access.${value}`) }))}
      />
      <People grants={grants} onGrants={setGrants} />
      {root !== null &&
        (closing ? (
          <div className={classes.grant} role="alert">
            <span>{t('files.removeRootText')}</span>
            <Button color="red" onClick={() => void remove()}>
              {t('files.removeRoot')}
            </Button>
          </div>
        ) : (
          <Button variant="subtle" color="red" onClick={() => setClosing(true)}>
            {t('files.removeRoot')}
          </Button>
        ))}
    </FormDialog>
  );
}

type Grants = NonNullable<Root['grants']>;

/** What single people may do beyond what everyone may. */
function People({ grants, onGrants }: { grants: Grants; onGrants: (grants: Grants) => void }) {
  const maySee = useMay('users:read');
  const people = useQuery({ queryKey: ['users'], queryFn: () => unwrap(api.GET('/api/users')), enabled: maySee });
  const members = (people.data ?? []).filter(({ role }) => role !== 'admin');
  if (members.length === 0) return null;
  const change = (userId: string, access: Access) => {
    const others = grants.filter((grant) => grant.userId !== userId);
    onGrants(access === 'none' ? others : [...others, { userId, access }]);
  };
  return (
    <fieldset className={classes.fields}>
      <legend>{t('files.people')}</legend>
      {members.map(({ id, username, displayName }) => {
        const name = displayName ?? username;
        return (
          <label key={id} className={classes.grant}>
            {name}
            <NativeSelect
              value={grants.find((grant) => grant.userId === id)?.access ?? 'none'}
              onChange={(event) => change(id, event.currentTarget.value as Access)}
              data={[{ value: 'none', label: t('files.asEveryone') }, ...LEVELS.slice(1).map((value) => ({ value, label: t(`files.access.${value}`) }))]}
            />
          </label>
        );
      })}
    </fieldset>
  );
}
