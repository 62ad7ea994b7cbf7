import { Button, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { passwordScore } from '@/components/password';
import { RecoveryCodes } from '@/components/RecoveryCodes';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { ChosenPassword } from './ChosenPassword';
import classes from './People.module.css';
import { PRESETS } from './presets';
import { type Rights, RoleAndRights } from './RoleAndRights';
import { nameOf } from './usePeople';

interface Props {
  onAdded: () => void;
  onClose: () => void;
}

const USERNAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.@-]+$/u;

export default function AddPerson({ onAdded, onClose }: Props) {
  const [username, setUsername] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [password, setPassword] = useState('');
  const [rights, setRights] = useState<Rights>({ role: 'member', preset: 'look', permissions: PRESETS.look });
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [added, setAdded] = useState<{ name: string; codes: string[] } | null>(null);
  const badName = !USERNAME.test(username.trim());
  const badPassword = passwordScore(password) === 0;

  const send = async () => {
    setBusy(true);
    setRefused(null);
    const { role, permissions } = rights;
    const body = { username: username.trim(), password, role, permissions, displayName: displayName.trim() || null };
    try {
      const { user, recoveryCodes } = await unwrap(api.POST('/api/users', { body }));
      setAdded({ name: nameOf(user), codes: recoveryCodes });
      onAdded();
    } catch (error) {
      if (error instanceof ApiError && error.field === 'username') setRefused(error.message);
      else toastError(t('people.add'), error);
    } finally {
      setBusy(false);
    }
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!badName && !badPassword) void send();
  };
  if (added !== null) return <Added {...added} onClose={onClose} />;
  return (
    <Modal opened onClose={onClose} title={t('people.add')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form className={classes.form} onSubmit={onSubmit} noValidate autoComplete="off">
        <TextInput
          label={t('people.username')}
          description={t('people.usernameHelp')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          autoCapitalize="none"
          spellCheck={false}
          maxLength={64}
          value={username}
          error={refused ?? (tried && badName ? t('people.badUsername') : null)}
          onChange={(event) => setUsername(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          label={t('people.displayName')}
          description={t('people.displayNameHelp')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          maxLength={100}
          value={displayName}
          onChange={(event) => setDisplayName(event.currentTarget.value)}
        />
        <ChosenPassword
          value={password}
          username={username}
          error={tried && badPassword ? t('gate.shortPassword') : null}
          onChange={setPassword}
        />
        <RoleAndRights value={rights} onChange={setRights} />
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={busy}>
            {t('people.add')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function Added({ name, codes, onClose }: { name: string; codes: string[]; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={t('people.added', { name })} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <div className={classes.form}>
        <p className={classes.note}>{t('people.addedText', { name })}</p>
        <RecoveryCodes codes={codes} />
        <div className={classes.actions}>
          <Button onClick={onClose}>{t('people.done')}</Button>
        </div>
      </div>
    </Modal>
  );
}
