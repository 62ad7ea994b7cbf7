import { Button, Modal, Skeleton } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { ApiKey } from '@/api/types';
import { Confirm } from '@/components/Confirm';
import { CopyButton } from '@/components/CopyButton';
import { ErrorNotice } from '@/components/ErrorNotice';
import { toast, toastError } from '@/components/toasts';
import { rightWords } from '@/domain/rights';
import { t } from '@/i18n';
import { relativeTime } from '@/i18n/format';
import classes from './Account.module.css';
import { Section } from './Section';

const NewKey = lazy(() => import('./NewKey'));
const KEY = ['keys'];

export function Keys() {
  const queries = useQueryClient();
  const keys = useQuery({ queryKey: KEY, queryFn: () => unwrap(api.GET('/api/keys')) });
  const [making, setMaking] = useState(false);
  const [token, setToken] = useState<string | null>(null);
  const [removing, setRemoving] = useState<ApiKey | null>(null);
  const refresh = () => queries.invalidateQueries({ queryKey: KEY });

  const remove = async ({ id, name }: ApiKey) => {
    setRemoving(null);
    try {
      await unwrap(api.DELETE('/api/keys/{id}', { params: { path: { id } } }));
      toast({ tone: 'ok', title: t('account.keyRemoved', { name }) });
      await refresh();
    } catch (error) {
      toastError(t('account.removeKeyOf', { name }), error);
    }
  };
  return (
    <Section title={t('account.keys')} text={t('account.keysText')}>
      {keys.error !== null ? (
        <ErrorNotice error={keys.error} onRetry={() => void keys.refetch()} />
      ) : keys.data === undefined ? (
        <Skeleton height={64} />
      ) : keys.data.length === 0 ? (
        <p className={classes.note}>{t('account.noKeys')}</p>
      ) : (
        <ul className={classes.rows}>
          {keys.data.map((key) => (
            <KeyRow key={key.id} apiKey={key} onRemove={() => setRemoving(key)} />
          ))}
        </ul>
      )}
      <div>
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
          {t('account.newKey')}
        </Button>
      </div>
      {making && (
        <Suspense>
          <NewKey
            onClose={() => setMaking(false)}
            onMade={(made) => {
              setMaking(false);
              setToken(made);
              void refresh();
            }}
          />
        </Suspense>
      )}
      {token !== null && <ShowToken token={token} onClose={() => setToken(null)} />}
      {removing !== null && (
        <Confirm
          title={t('account.removeKeyOf', { name: removing.name })}
          confirmLabel={t('account.removeKey')}
          dangerous
          onConfirm={() => void remove(removing)}
          onClose={() => setRemoving(null)}
        >
          {t('account.removeKeyAsk', { name: removing.name })}
        </Confirm>
      )}
    </Section>
  );
}

function KeyRow({ apiKey, onRemove }: { apiKey: ApiKey; onRemove: () => void }) {
  const { name, prefix, scopes, lastUsedAt, expiresAt } = apiKey;
  const used = lastUsedAt ? t('account.keyUsed', { when: relativeTime(lastUsedAt) }) : t('account.keyUnused');
  const expires = expiresAt ? t('account.keyExpires', { when: relativeTime(expiresAt) }) : null;
  return (
    <li className={classes.row}>
      <IconKey size={20} stroke={1.75} aria-hidden />
      <div className={classes.rowWords}>
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <span>{[`${prefix}…`, used, expires].filter(Boolean).join(' · ')}</span>
        <span>{scopes.map(rightWords).join(' · ')}</span>
      </div>
      <Button size="xs" variant="default" aria-label={t('account.removeKeyOf', { name })} onClick={onRemove}>
        {t('account.removeKey')}
      </Button>
    </li>
  );
}

function ShowToken({ token, onClose }: { token: string; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={t('account.keyMade')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <div className={classes.form}>
        <p className={classes.note}>{t('account.keyOnce')}</p>
        <code className={classes.token}>{token}</code>
        <div className={classes.formActions}>
          <CopyButton size="sm" text={token} />
          <Button onClick={onClose}>{t('action.close')}</Button>
        </div>
      </div>
    </Modal>
  );
}
