import { Button, Modal, NativeSelect, PasswordInput, Switch, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { serverNow } from '@/api/clock';
import { CopyButton } from '@/components/CopyButton';
import { toastError } from '@/components/toasts';
import { type Entry, shownName } from '@/domain/files';
import { t } from '@/i18n';
import { exactTime } from '@/i18n/format';
import { SHARES } from '../views/links';
import classes from './Dialogs.module.css';

interface Props {
  entry: Entry;
  mayWrite: boolean;
  onClose: () => void;
}

const DAYS = ['1', '7', '30', '365', ''] as const;
const LEAST_PASSWORD = 4;

/** Makes an address that opens this without an account. */
export default function ShareDialog({ entry, mayWrite, onClose }: Props) {
  const [made, setMade] = useState<{ url: string; expiresAt: string | null } | null>(null);
  const name = shownName(entry.name);
  return (
    <Modal opened onClose={onClose} title={t('files.shareWhat', { name })} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {made === null ? <Wishes entry={entry} mayWrite={mayWrite} onMade={setMade} onClose={onClose} /> : <Made {...made} onClose={onClose} />}
    </Modal>
  );
}

function Wishes({ entry, mayWrite, onMade, onClose }: Props & { onMade: (made: { url: string; expiresAt: string | null }) => void }) {
  const queries = useQueryClient();
  const [days, setDays] = useState<string>('7');
  const [drop, setDrop] = useState(false);
  const [password, setPassword] = useState('');
  const [most, setMost] = useState('');
  const [busy, setBusy] = useState(false);
  const short = password !== '' && password.length < LEAST_PASSWORD;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (short) return;
    setBusy(true);
    const expiresAt = days === '' ? null : new Date(serverNow() + Number(days) * 86_400_000).toISOString();
    const body = { path: entry.path, kind: drop ? ('drop' as const) : ('download' as const), password: password || null, expiresAt, mostDownloads: Number(most) || null };
    try {
      const { url, link } = await unwrap(api.POST('/api/shares/links', { body }));
      onMade({ url: new URL(url, window.location.origin).href, expiresAt: link.expiresAt });
      void queries.invalidateQueries({ queryKey: [SHARES] });
    } catch (error) {
      toastError(t('files.shareFailed', { name: shownName(entry.name) }), error);
      setBusy(false);
    }
  };
  return (
    <form className={classes.body} onSubmit={(event) => void submit(event)} autoComplete="off" noValidate>
      <p>{t(drop ? 'files.dropText' : 'files.shareText')}</p>
      {entry.kind === 'folder' && mayWrite && <Switch label={t('files.dropBox')} checked={drop} onChange={(event) => setDrop(event.currentTarget.checked)} />}
      <NativeSelect
        size="md"
        label={t('files.until')}
        value={days}
        onChange={(event) => setDays(event.currentTarget.value)}
        data={DAYS.map((value) => ({ value, label: value === '' ? t('files.forever') : t('files.forDays', { count: Number(value) }) }))}
      />
      <PasswordInput
        label={t('files.sharePassword')}
        description={t('files.sharePasswordHelp')}
        value={password}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': t('files.showPassword') }}
        error={short && t('files.passwordShort', { count: LEAST_PASSWORD })}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {!drop && (
        <TextInput
          label={t('files.mostDownloads')}
          description={t('files.mostDownloadsHelp')}
          inputMode="numeric"
          value={most}
          onChange={(event) => setMost(event.currentTarget.value.replace(/\D/g, '').slice(0, 6))}
        />
      )}
      <div className={classes.actions}>
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button type="submit" loading={busy}>
          {t('files.makeLink')}
        </Button>
      </div>
    </form>
  );
}

function Made({ url, expiresAt, onClose }: { url: string; expiresAt: string | null; onClose: () => void }) {
  return (
    <div className={classes.body} role="status">
      <p>{t('files.linkOnce')}</p>
      <div className={classes.address}>
        <input readOnly value={url} aria-label={t('files.link')} onFocus={(event) => event.currentTarget.select()} />
        <CopyButton size="sm" text={url} data-autofocus />
      </div>
      <p>{expiresAt === null ? t('files.linkForever') : t('files.linkUntil', { when: exactTime(expiresAt) })}</p>
      <div className={classes.actions}>
        <Button onClick={onClose}>{t('files.done')}</Button>
      </div>
    </div>
  );
}
