import { Button, Skeleton } from '@mantine/core';
import { IconFingerprint, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { makePasskey, passkeyObstacle, wasDeclined } from '@/api/passkeys';
import { ErrorNotice } from '@/components/ErrorNotice';
import { toast } from '@/components/toasts';
import { type PlainKey, t } from '@/i18n';
import { relativeTime } from '@/i18n/format';
import classes from './Account.module.css';
import { AskPassword } from './AskPassword';
import { deviceOf } from '@/domain/device';
import { RenamePasskey } from './RenamePasskey';
import { Section } from './Section';
import { type Passkey, useFactors } from './useFactors';

const OBSTACLES = { http: 'account.obstacleHttp', browser: 'account.obstacleBrowser' } as const satisfies Record<string, PlainKey>;

type Open = { what: 'add' } | { what: 'rename' | 'remove'; key: Passkey } | null;

export function Passkeys() {
  const { data, error, refetch, keep } = useFactors();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const obstacle = passkeyObstacle();

  const add = async (password: string, name: string) => {
    const { options } = await unwrap(api.POST('/api/auth/passkeys', { body: { password } }));
    const passkey = await makePasskey(options);
    keep(await unwrap(api.POST('/api/auth/passkeys/confirm', { body: { name, passkey } })));
    toast({ tone: 'ok', title: t('account.passkeyAdded', { name }) });
    close();
  };
  const remove = async ({ id, name }: Passkey, password: string) => {
    keep(await unwrap(api.POST('/api/auth/passkeys/{id}/remove', { params: { path: { id } }, body: { password } })));
    toast({ tone: 'ok', title: t('account.passkeyRemoved', { name }) });
    close();
  };
  return (
    <Section title={t('account.passkeys')} text={t('account.passkeysText')}>
      {error !== null ? (
        <ErrorNotice error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton height={64} />
      ) : data.passkeys.length > 0 ? (
        <ul className={classes.rows}>
          {data.passkeys.map((key) => (
            <PasskeyRow key={key.id} passkey={key} onOpen={setOpen} />
          ))}
        </ul>
      ) : null}
      {obstacle !== null ? (
        <p className={classes.note}>
          {obstacle === 'address' ? t('account.obstacleAddress', { host: window.location.hostname }) : t(OBSTACLES[obstacle])}
        </p>
      ) : (
        <div>
          <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setOpen({ what: 'add' })}>
            {t('account.addPasskey')}
          </Button>
        </div>
      )}
      {open?.what === 'add' && (
        <AskPassword
          title={t('account.addPasskey')}
          text={t('account.confirm')}
          confirmLabel={t('account.addPasskey')}
          named={{
            label: t('account.passkeyName'),
            help: t('account.passkeyNameHelp'),
            initial: deviceOf(navigator.userAgent),
          }}
          explain={(failure) => (wasDeclined(failure) || failure instanceof DOMException ? t('account.passkeyDeclined') : null)}
          onConfirm={add}
          onClose={close}
        />
      )}
      {open?.what === 'rename' && <RenamePasskey passkey={open.key} onDone={keep} onClose={close} />}
      {open?.what === 'remove' && (
        <AskPassword
          title={t('account.removePasskeyOf', { name: open.key.name })}
          text={t('account.removePasskeyText')}
          confirmLabel={t('account.removePasskey')}
          dangerous
          onConfirm={(password) => remove(open.key, password)}
          onClose={close}
        />
      )}
    </Section>
  );
}

function PasskeyRow({ passkey, onOpen }: { passkey: Passkey; onOpen: (open: Open) => void }) {
  const { name, host, lastUsedAt } = passkey;
  const used = lastUsedAt ? t('account.appUsed', { when: relativeTime(lastUsedAt) }) : t('account.appUnused');
  return (
    <li className={classes.row}>
      <IconFingerprint size={20} stroke={1.75} aria-hidden />
      <div className={classes.rowWords}>
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <span>{[t('account.passkeyAt', { host }), used].join(' · ')}</span>
      </div>
      <Button
        size="xs"
        variant="default"
        aria-label={t('account.renamePasskeyOf', { name })}
        onClick={() => onOpen({ what: 'rename', key: passkey })}
      >
        {t('account.renamePasskey')}
      </Button>
      <Button
        size="xs"
        variant="default"
        aria-label={t('account.removePasskeyOf', { name })}
        onClick={() => onOpen({ what: 'remove', key: passkey })}
      >
        {t('account.removePasskey')}
      </Button>
    </li>
  );
}
