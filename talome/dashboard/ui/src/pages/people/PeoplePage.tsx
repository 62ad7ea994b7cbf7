import './texts';
import { Button, Skeleton } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { User } from '@/api/types';
import { useMay } from '@/app/session';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import { t } from '@/i18n';
import classes from './People.module.css';
import { PersonRow } from './PersonRow';
import type { Question } from './Questions';
import { usePeople } from './usePeople';

const AddPerson = lazy(() => import('./AddPerson'));
const EditPerson = lazy(() => import('./EditPerson'));
const PersonSessions = lazy(() => import('./PersonSessions'));
const ResetPassword = lazy(() => import('./ResetPassword'));
const Questions = lazy(() => import('./Questions'));

export type Open = { what: 'edit' | 'sessions' | 'reset' | Question; user: User };

/** Everybody who may come in. `#add` asks for a new person; a person’s id leads to their row. */
export default function PeoplePage() {
  const mayChange = useMay('users:write');
  const { users, factors, refresh, act } = usePeople();
  const { hash } = useLocation();
  const navigate = useNavigate();
  const show = (part: string) => void navigate({ to: '/people', hash: part, replace: part === '' });
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <PageHead
        title={t('people.title')}
        detail={t('people.intro')}
        actions={
          mayChange && (
            <Button leftSection={<IconUserPlus size={18} stroke={1.75} />} onClick={() => show('add')}>
              {t('people.add')}
            </Button>
          )
        }
      />
      {users.error !== null ? (
        <ErrorNotice error={users.error} onRetry={() => void users.refetch()} />
      ) : users.data === undefined ? (
        <Skeleton height={204} radius={14} />
      ) : (
        <ul className={classes.list}>
          {users.data.map((user) => (
            <PersonRow
              key={user.id}
              user={user}
              wanted={hash === user.id}
              factors={factors?.find(({ userId }) => userId === user.id)}
              known={factors !== undefined}
              onOpen={mayChange ? (what) => setOpen({ what, user }) : null}
            />
          ))}
        </ul>
      )}
      <Suspense>
        {mayChange && hash === 'add' && <AddPerson onAdded={() => void refresh()} onClose={() => show('')} />}
        {open?.what === 'edit' && <EditPerson user={open.user} onSaved={() => void refresh()} onClose={close} />}
        {open?.what === 'sessions' && <PersonSessions user={open.user} onClose={close} />}
        {open?.what === 'reset' && <ResetPassword user={open.user} onDone={() => void refresh()} onClose={close} />}
        {open !== null && <Questions open={open} act={act} onClose={close} />}
      </Suspense>
    </>
  );
}
