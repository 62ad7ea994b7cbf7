import '../texts';
import { Button, Skeleton } from '@mantine/core';
import { IconArchive, IconCheck, IconPencil, IconTrash, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { useMay } from '@/app/session';
import { BackLink } from '@/components/BackLink';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import { Section } from '@/components/Section';
import { StateBadge } from '@/components/StateBadge';
import { Time } from '@/components/Time';
import { toast, toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { percentValue } from '@/i18n/format';
import classes from '../Memory.module.css';
import { placeOf } from '../places';
import { forget, refreshMemory } from './forget';
import { History } from './History';
import { kindOf, levelOf, nameOf, type Note, stateOf } from './names';
import { Related } from './Related';

const NoteForm = lazy(() => import('./NoteForm'));

/** One note: what it says, where it comes from, what it was before, and what it is tied to. */
export default function NotePage() {
  const { id = '' } = useParams({ strict: false });
  const { data, error, refetch } = useQuery({
    queryKey: ['memory', 'note', id],
    queryFn: () => unwrap(api.GET('/v1/memory/notes/{id}', { params: { path: { id } } })),
    retry: false,
  });
  if (data !== undefined && error === null) return <Found note={data} />;
  if (error instanceof ApiError && error.status === 404) return <Missing />;
  if (error !== null) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  return <Skeleton height={320} radius={14} role="status" aria-label={t('app.loading')} />;
}

function Missing() {
  return (
    <>
      <PageHead title={t('memory.missing')} before={<BackLink to="/memory">{t('memory.title')}</BackLink>} />
      <EmptyState icon={<IconArchive size={26} stroke={1.75} />} title={t('memory.missing')} text={t('memory.missingText')} />
    </>
  );
}

function Found({ note }: { note: Note }) {
  const mayChange = useMay('memory:write');
  const navigate = useNavigate();
  const client = useQueryClient();
  const [editing, setEditing] = useState(false);
  const name = nameOf(note);
  const act = async (path: '/v1/memory/notes/{id}/approve' | '/v1/memory/notes/{id}/reject' | '/v1/memory/notes/{id}/verify', done: string) => {
    try {
      await unwrap(api.POST(path, { params: { path: { id: note.id } } }));
      toast({ tone: 'ok', title: done });
    } catch (error) {
      toastError(name, error);
    }
    await refreshMemory(client);
  };
  const buttons = (
    <>
      {note.status === 'pending' && (
        <>
          <Button leftSection={<IconCheck size={16} />} onClick={() => void act('/v1/memory/notes/{id}/approve', t('memory.approved'))}>
            {t('memory.approve')}
          </Button>
          <Button variant="default" leftSection={<IconX size={16} />} onClick={() => void act('/v1/memory/notes/{id}/reject', t('memory.rejected'))}>
            {t('memory.reject')}
          </Button>
        </>
      )}
      {note.status === 'active' && (
        <Button variant="default" leftSection={<IconCheck size={16} />} onClick={() => void act('/v1/memory/notes/{id}/verify', t('memory.verified'))}>
          {t('memory.verify')}
        </Button>
      )}
      <Button variant="default" leftSection={<IconPencil size={16} />} onClick={() => setEditing(true)}>
        {t('memory.correct')}
      </Button>
      <Button
        variant="default"
        leftSection={<IconTrash size={16} />}
        // Away from the note first, so that nothing asks for it when it is gone.
        onClick={() => void navigate({ to: '/memory' }).then(() => forget(client, note))}
      >
        {t('memory.forget')}
      </Button>
    </>
  );
  return (
    <>
      <PageHead title={name} before={<BackLink to="/memory">{t('memory.title')}</BackLink>} detail={<State note={note} />} actions={mayChange && buttons} />
      <div className={classes.stack}>
        <p className={classes.content}>{note.content}</p>
        <Facts note={note} />
        <Related note={note} />
        <History note={note} mayChange={mayChange} />
      </div>
      <Suspense>
        {editing && <NoteForm note={note} onSaved={() => refreshMemory(client)} onClose={() => setEditing(false)} />}
      </Suspense>
    </>
  );
}

function State({ note }: { note: Note }) {
  const state = stateOf(note);
  return state === null ? kindOf(note.kind) : <StateBadge state={state} />;
}

/** Where a note comes from, and how much it counts. */
function Facts({ note }: { note: Note }) {
  const facts: [string, ReactNode][] = [
    [t('memory.kindOf'), kindOf(note.kind)],
    [t('memory.place'), note.workspace_id === null ? t('memory.mine') : placeOf(note.workspace_id)],
    [t('memory.comesFrom'), origin(note)],
    [t('memory.importance'), t(`memory.level.${levelOf(note.importance)}`)],
    [t('memory.sure'), `${percentValue(note.confidence * 100)} %`],
    [t('memory.tags'), note.tags.length > 0 ? note.tags.map((tag) => `#${tag}`).join(' ') : t('memory.noTags')],
    [t('memory.written'), <Time key="written" iso={note.created_at} />],
    [t('memory.confirmed'), note.verified_at === null ? t('memory.notYet') : <Time key="confirmed" iso={note.verified_at} />],
    [t('memory.used'), t('memory.usedTimes', { count: note.use_count })],
    [t('memory.rated'), t('memory.ratedTimes', { helpful: note.helpful, unhelpful: note.unhelpful })],
  ];
  if (note.claim_key !== null) facts.push([t('memory.claim'), <code key="claim">{note.claim_key}</code>]);
  if (note.valid_to !== null) facts.push([t('memory.validTo'), <Time key="valid" iso={note.valid_to} />]);
  return (
    <Section title={t('memory.provenance')}>
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

function origin(note: Note): ReactNode {
  const who = t(`memory.origin.${note.origin}`);
  const named = note.external_source === null ? who : `${who}, ${note.external_source}`;
  return note.trusted ? named : `${named} (${t('memory.untrusted')})`;
}
