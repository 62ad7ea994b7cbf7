import { Button, Modal, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { User } from '@/api/types';
import { ErrorNotice } from '@/components/ErrorNotice';
import { Time } from '@/components/Time';
import { toast, toastError } from '@/components/toasts';
import { deviceOf } from '@/domain/device';
import { t } from '@/i18n';
import classes from './People.module.css';
import { nameOf } from './usePeople';

/** Where somebody is signed in; each of it can be ended. */
export default function PersonSessions({ user, onClose }: { user: User; onClose: () => void }) {
  const name = nameOf(user);
  const params = { path: { id: user.id } };
  const sessions = useQuery({
    queryKey: ['users', user.id, 'sessions'],
    queryFn: () => unwrap(api.GET('/api/users/{id}/sessions', { params })),
  });
  const send = async (work: () => Promise<string>) => {
    try {
      toast({ tone: 'ok', title: await work() });
    } catch (error) {
      toastError(t('account.endSession'), error);
    }
    await sessions.refetch();
  };
  const end = (session: string) => async () => {
    await unwrap(api.DELETE('/api/users/{id}/sessions/{session}', { params: { path: { id: user.id, session } } }));
    return t('account.sessionEnded');
  };
  const endAll = async () => {
    const { ended } = await unwrap(api.DELETE('/api/users/{id}/sessions', { params }));
    return t('people.endedAll', { count: ended, name });
  };
  return (
    <Modal opened onClose={onClose} title={t('people.sessionsOf', { name })} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <div className={classes.form}>
        {sessions.error !== null ? (
          <ErrorNotice error={sessions.error} onRetry={() => void sessions.refetch()} />
        ) : sessions.data === undefined ? (
          <Skeleton height={64} />
        ) : sessions.data.length === 0 ? (
          <p className={classes.note}>{t('people.noSessions', { name })}</p>
        ) : (
          <ul className={classes.list}>
            {sessions.data.map((session) => {
              const device = deviceOf(session.userAgent);
              return (
                <li key={session.id} className={classes.session}>
                  <span className={classes.words}>
                    <strong>{device}</strong>
                    <span>
                      {session.ip} · {session.current ? t('account.thisDevice') : <Time iso={session.lastSeenAt} />}
                    </span>
                  </span>
                  {!session.current && (
                    <Button
                      size="xs"
                      variant="default"
                      aria-label={t('account.endSessionOf', { device })}
                      onClick={() => void send(end(session.id))}
                    >
                      {t('account.endSession')}
                    </Button>
                  )}
                </li>
              );
            })}
          </ul>
        )}
        <div className={classes.actions}>
          {sessions.data?.some(({ current }) => !current) && (
            <Button variant="default" onClick={() => void send(endAll)}>
              {t('people.endAll')}
            </Button>
          )}
          <Button onClick={onClose}>{t('action.close')}</Button>
        </div>
      </div>
    </Modal>
  );
}
