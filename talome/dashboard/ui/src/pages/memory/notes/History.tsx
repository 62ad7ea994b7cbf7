import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { Loaded } from '@/components/Loaded';
import { Section } from '@/components/Section';
import { Time } from '@/components/Time';
import { toast, toastError } from '@/components/toasts';
import { t } from '@/i18n';
import classes from '../Memory.module.css';
import { differences } from './differences';
import { refreshMemory } from './forget';
import type { Note, NoteVersion } from './names';

/** Every version of a note, the latest first, each with what it changed. */
export function History({ note, mayChange }: { note: Note; mayChange: boolean }) {
  const list = useQuery({
    queryKey: ['memory', 'versions', note.id, note.version],
    queryFn: () => unwrap(api.GET('/v1/memory/notes/{id}/versions', { params: { path: { id: note.id } } })),
  });
  return (
    <Section title={t('memory.history')}>
      <Loaded list={list}>
        {({ data }) => (
          <ol className={classes.history} reversed>
            {data.map((version, place) => (
              <Version key={version.version} note={note} version={version} before={data[place + 1]} mayChange={mayChange && place > 0} />
            ))}
          </ol>
        )}
      </Loaded>
    </Section>
  );
}

interface Props {
  note: Note;
  version: NoteVersion;
  before: NoteVersion | undefined;
  mayChange: boolean;
}

function Version({ note, version, before, mayChange }: Props) {
  const client = useQueryClient();
  const bringBack = async () => {
    try {
      const path = { id: note.id, version: String(version.version) };
      await unwrap(api.POST('/v1/memory/notes/{id}/versions/{version}/restore', { params: { path } }));
      toast({ tone: 'ok', title: t('memory.broughtBack', { version: version.version }) });
    } catch (error) {
      toastError(t('memory.bringBack'), error);
    }
    await refreshMemory(client);
  };
  return (
    <li value={version.version}>
      <div className={classes.versionHead}>
        <span>
          <strong>{version.action}</strong> {t('memory.byWhom', { name: version.by || t('memory.talome') })} <Time iso={version.at} />
        </span>
        {mayChange && (
          <Button size="compact-sm" variant="default" aria-label={t('memory.bringBackOf', { version: version.version })} onClick={() => void bringBack()}>
            {t('memory.bringBack')}
          </Button>
        )}
      </div>
      <Change version={version} before={before} />
    </li>
  );
}

/** What one version changed in the text, and which of its other marks. */
function Change({ version, before }: { version: NoteVersion; before: NoteVersion | undefined }) {
  if (before === undefined) return <p className={classes.difference}>{version.content}</p>;
  const texts = version.content !== before.content;
  const marks = (['title', 'kind', 'status', 'importance', 'confidence', 'claim_key'] as const)
    .filter((name) => version[name] !== before[name])
    .map((name) => t('memory.from', { name: t(`memory.field.${name}`), before: before[name] || '–', after: version[name] || '–' }));
  if (version.tags.join() !== before.tags.join()) {
    marks.push(t('memory.from', { name: t('memory.tags'), before: before.tags.join(', ') || '–', after: version.tags.join(', ') || '–' }));
  }
  return (
    <>
      {texts && (
        <p className={classes.difference}>
          {differences(before.content, version.content).map(({ kind, text }, place) =>
            kind === 'same' ? <span key={place}>{text}</span> : kind === 'added' ? <ins key={place}>{text}</ins> : <del key={place}>{text}</del>,
          )}
        </p>
      )}
      {marks.map((mark) => (
        <p key={mark} className={classes.below}>
          {mark}
        </p>
      ))}
    </>
  );
}
