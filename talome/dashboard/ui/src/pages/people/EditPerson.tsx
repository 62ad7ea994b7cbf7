import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { User } from '@/api/types';
import { useUser } from '@/app/session';
import { FormDialog } from '@/components/FormDialog';
import { toast } from '@/components/toasts';
import { t } from '@/i18n';
import classes from './People.module.css';
import { presetOf } from './presets';
import { type Rights, RoleAndRights } from './RoleAndRights';
import { nameOf } from './usePeople';

interface Props {
  user: User;
  onSaved: () => void;
  onClose: () => void;
}

export default function EditPerson({ user, onSaved, onClose }: Props) {
  const isSelf = useUser().id === user.id;
  const [displayName, setDisplayName] = useState(user.displayName ?? '');
  const [rights, setRights] = useState<Rights>({
    role: user.role,
    preset: presetOf(user.permissions),
    permissions: user.permissions,
  });
  const title = t('people.editOf', { name: nameOf(user) });

  const named = displayName.trim() !== '' && displayName.trim() !== (user.displayName ?? '');
  const given = rights.role === 'member' && rights.permissions.join() !== user.permissions.join();
  const body = {
    ...(named ? { displayName: displayName.trim() } : {}),
    ...(rights.role !== user.role ? { role: rights.role } : {}),
    ...(given || (rights.role === 'member' && user.role === 'admin') ? { permissions: rights.permissions } : {}),
  };
  const save = async () => {
    if (Object.keys(body).length === 0) return true;
    const saved = await unwrap(api.PUT('/api/users/{id}', { params: { path: { id: user.id } }, body }));
    toast({ tone: 'ok', title: t('people.saved', { name: nameOf(saved) }) });
    onSaved();
    return true;
  };
  return (
    <FormDialog title={title} submitLabel={t('people.save')} onSubmit={save} onClose={onClose}>
      <TextInput
        label={t('people.displayName')}
        description={t('people.displayNameHelp')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        maxLength={100}
        value={displayName}
        onChange={(event) => setDisplayName(event.currentTarget.value)}
        data-autofocus
      />
      <RoleAndRights value={rights} fixedRole={isSelf} onChange={setRights} />
      {('role' in body || 'permissions' in body) && <p className={classes.note}>{t('people.savedEnds')}</p>}
    </FormDialog>
  );
}
