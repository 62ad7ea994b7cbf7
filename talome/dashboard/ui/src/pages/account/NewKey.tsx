import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { may } from '@/app/pages';
import { useUser } from '@/app/session';
import { RightsPicker } from '@/components/RightsPicker';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';
import classes from './Account.module.css';

interface Props {
  onClose: () => void;
  /** Called with the token, which is shown only once. */
  onMade: (token: string) => void;
}

const NEVER = '0';
const DAYS = [30, 90, 365];

/** A key for a program, with the rights it needs and no others. */
export default function NewKey({ onClose, onMade }: Props) {
  const user = useUser();
  const tools = useQuery({ queryKey: ['tools'], queryFn: () => unwrap(api.GET('/api/tools')), staleTime: Infinity });
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<string[]>([]);
  const [days, setDays] = useState('90');
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const offered = [...new Set((tools.data ?? []).map(({ scope }) => scope))].filter((scope) => may(user, scope));

  const send = async () => {
    setBusy(true);
    const expiresInDays = days === NEVER ? null : Number(days);
    try {
      const { token } = await unwrap(api.POST('/api/keys', { body: { name: name.trim(), scopes, expiresInDays } }));
      onMade(token);
    } catch (error) {
      toastError(t('account.makeKey'), error);
      setBusy(false);
    }
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() !== '' && scopes.length > 0) void send();
  };
  return (
    <Modal opened onClose={onClose} title={t('account.newKey')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form className={classes.form} onSubmit={onSubmit} noValidate>
        <TextInput
          label={t('account.keyName')}
          description={t('account.keyNameHelp')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={name}
          error={tried && name.trim() === '' ? t('account.needName') : null}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <RightsPicker
          label={t('account.keyScopes')}
          offered={offered}
          value={scopes}
          onChange={setScopes}
          error={tried && scopes.length === 0 ? t('account.needScope') : null}
        />
        <NativeSelect
          label={t('account.keyExpiry')}
          size="md"
          value={days}
          onChange={(event) => setDays(event.currentTarget.value)}
          data={[
            ...DAYS.map((count) => ({ value: String(count), label: t('account.days', { count }) })),
            { value: NEVER, label: t('account.never') },
          ]}
        />
        <div className={classes.formActions}>
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={busy}>
            {t('account.makeKey')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
