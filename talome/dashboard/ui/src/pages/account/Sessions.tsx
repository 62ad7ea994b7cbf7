import { Button, Skeleton } from '@mantine/core';
import { IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { Session } from '@/api/types';
import { Confirm } from '@/components/Confirm';
import { ErrorNotice } from '@/components/ErrorNotice';
import { Time } from '@/components/Time';
import { toast, toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { relativeTime } from '@/i18n/format';
import classes from './Account.module.css';
import { deviceOf } from '@/domain/device';
import { Section } from './Section';

const KEY = ['auth', 'sessions'];

export function Sessions() {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const sessions = useQuery({ queryKey: KEY, queryFn: () => unwrap(api.GET('/api/auth/sessions')) });
  const end = async ({ id }: Session) => {
    try {
      await unwrap(api.DELETE('/api/auth/sessions/{id}', { params: { path: { id } } }));
      toast({ tone: 'ok', title: t('account.sessionEnded') });
      await queries.invalidateQueries({ queryKey: KEY });
    } catch (error) {
      toastError(t('account.endSession'), error);
    }
  };
  const endOthers = async () => {
    setAsking(false);
    try {
      const { ended } = await unwrap(api.DELETE('/api/auth/sessions'));
      toast({ tone: 'ok', title: t('account.othersEnded', { count: ended }) });
      await queries.invalidateQueries({ queryKey: KEY });
    } catch (error) {
      toastError(t('account.endOthersTitle'), error);
    }
  };
  return (
    <Section title={t('account.sessions')} text={t('account.sessionsText')}>
      {sessions.error !== null ? (
        <ErrorNotice error={sessions.error} onRetry={() => void sessions.refetch()} />
      ) : sessions.data === undefined ? (
        <Skeleton height={64} />
      ) : (
        <ul className={classes.rows}>
          {sessions.data.map((session) => (
            <SessionRow key={session.id} session={session} onEnd={() => void end(session)} />
          ))}
        </ul>
      )}
      {(sessions.data?.length ?? 0) > 1 && (
        <div>
          <Button variant="default" onClick={() => setAsking(true)}>
            {t('account.endOthers')}
          </Button>
        </div>
      )}
      {asking && (
        <Confirm
          title={t('account.endOthersTitle')}
          confirmLabel={t('account.endOthers')}
          onConfirm={() => void endOthers()}
          onClose={() => setAsking(false)}
        >
          {t('account.endOthersAsk')}
        </Confirm>
      )}
    </Section>
  );
}

function SessionRow({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const device = deviceOf(session.userAgent);
  const Icon = /iPhone|iPad|Android/.test(device) ? IconDeviceMobile : IconDeviceDesktop;
  return (
    <li className={classes.row}>
      <Icon size={20} stroke={1.75} aria-hidden />
      <div className={classes.rowWords}>
        <strong>{device}</strong>
        <span>
          {session.ip} · {session.current ? t('account.thisDevice') : <Time iso={session.lastSeenAt} />} ·{' '}
          {t('account.since', { when: relativeTime(session.createdAt) })}
        </span>
      </div>
      {!session.current && (
        <Button size="xs" variant="default" aria-label={t('account.endSessionOf', { device })} onClick={onEnd}>
          {t('account.endSession')}
        </Button>
      )}
    </li>
  );
}
