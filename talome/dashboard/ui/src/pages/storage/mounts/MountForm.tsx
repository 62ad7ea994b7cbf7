import { NativeSelect, PasswordInput, Switch, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { FormDialog } from '@/components/FormDialog';
import { t } from '@/i18n';
import { type Partition, STORAGE } from '../useStorage';
import { nameFrom } from './name';

interface Props {
  /** Null for a share of another machine. */
  partition: Partition | null;
  onClose: () => void;
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}$/;

/** Says what to mount and how. */
export default function MountForm({ partition, onClose }: Props) {
  const queries = useQueryClient();
  const [type, setType] = useState<'cifs' | 'nfs'>('cifs');
  const [host, setHost] = useState('');
  const [share, setShare] = useState('');
  const [name, setName] = useState(partition === null ? '' : nameFrom(partition.label ?? partition.name));
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [readOnly, setReadOnly] = useState(false);
  const [atStart, setAtStart] = useState(true);
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<{ field: string | null; text: string } | null>(null);
  const badName = !NAME.test(name);
  const lacking = partition === null && (host.trim() === '' || share.trim() === '');
  const submit = async () => {
    setTried(true);
    setRefused(null);
    if (badName || lacking) return false;
    const how = { name, readOnly, atStart };
    const guest = type === 'nfs' || username === '';
    const place =
      partition === null
        ? { type, host: host.trim(), share: share.trim(), username: guest ? null : username, password: guest ? null : password || null, ...how }
        : { type: 'device' as const, uuid: partition.uuid ?? '', ...how };
    try {
      await unwrap(api.POST('/api/storage/mounts', { body: { place } }));
    } catch (error) {
      if (!(error instanceof ApiError) || error.unreachable) throw error;
      setRefused({ field: error.field, text: error.message });
      return false;
    }
    await queries.invalidateQueries({ queryKey: [STORAGE] });
    return true;
  };
  const said = (field: string, wrong: boolean, text: string) => (refused?.field === field ? refused.text : tried && wrong ? text : null);
  const known = ['host', 'share', 'name', 'username', 'password'];
  return (
    <FormDialog
      title={partition === null ? t('storage.addShare') : t('storage.mountWhat', { name: partition.label ?? partition.name })}
      submitLabel={t('storage.mount')}
      autoComplete="off"
      onSubmit={submit}
      onClose={onClose}
    >
      {partition === null && (
        <>
          <NativeSelect
            size="md"
            label={t('storage.shareKind')}
            value={type}
            onChange={(event) => setType(event.currentTarget.value as 'cifs' | 'nfs')}
            data={[
              { value: 'cifs', label: t('storage.cifs') },
              { value: 'nfs', label: t('storage.nfs') },
            ]}
          />
          <TextInput label={t('storage.host')} placeholder="nas.lan" value={host} spellCheck={false} error={said('host', host.trim() === '', t('storage.needed'))} onChange={(event) => setHost(event.currentTarget.value)} />
          <TextInput
            label={t('storage.shareName')}
            placeholder={type === 'nfs' ? '/export/photos' : 'photos'}
            value={share}
            spellCheck={false}
            error={said('share', share.trim() === '', t('storage.needed'))}
            onChange={(event) => setShare(event.currentTarget.value)}
          />
        </>
      )}
      <TextInput
        label={t('storage.nameHere')}
        description={t('storage.nameHelp')}
        value={name}
        spellCheck={false}
        error={said('name', badName, t('storage.badName'))}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {partition === null && type === 'cifs' && (
        <>
          <TextInput label={t('storage.username')} description={t('storage.guest')} value={username} autoComplete="off" error={said('username', false, '')} onChange={(event) => setUsername(event.currentTarget.value)} />
          <PasswordInput
            label={t('storage.password')}
            value={password}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': t('storage.showPassword') }}
            error={said('password', false, '')}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        </>
      )}
      <Switch label={t('storage.readOnlyChoice')} checked={readOnly} onChange={(event) => setReadOnly(event.currentTarget.checked)} />
      <Switch label={t('storage.atStartChoice')} checked={atStart} onChange={(event) => setAtStart(event.currentTarget.checked)} />
      {refused !== null && !known.includes(refused.field ?? '') && <p role="alert">{refused.text}</p>}
    </FormDialog>
  );
}
