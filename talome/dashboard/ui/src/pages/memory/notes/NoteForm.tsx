import { Checkbox, NativeSelect, SegmentedControl, Switch, Textarea, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { FormDialog } from '@/components/FormDialog';
import { toast } from '@/components/toasts';
import { t } from '@/i18n';
import classes from '../Memory.module.css';
import { usePlaces } from '../places';
import { IMPORTANCE, kindOf, KINDS, levelOf, type Level, nameOf, type Note } from './names';

interface Props {
  /** Null for a new one. */
  note: Note | null;
  onSaved: () => Promise<void>;
  onClose: () => void;
}

const order = ['label', 'input', 'description', 'error'] as ('label' | 'input' | 'description' | 'error')[];
const LEVELS: Level[] = ['low', 'medium', 'high', 'critical'];
/** What the server says where a text looks like it holds a password or a key. */
const SECRET = 'secret_refused';

const tagsOf = (text: string): string[] => [
  ...new Set(
    text
      .split(/[,\n]/)
      .map((tag) => tag.trim().replace(/^#/, ''))
      .filter(Boolean),
  ),
];

/** Writes a note, or corrects one: the old text stays in its history. */
export default function NoteForm({ note, onSaved, onClose }: Props) {
  const [content, setContent] = useState(note?.content ?? '');
  const [title, setTitle] = useState(note?.title ?? '');
  const [kind, setKind] = useState(note?.kind ?? 'fact');
  const [tags, setTags] = useState(note?.tags.join(', ') ?? '');
  const [level, setLevel] = useState<Level>(levelOf(note?.importance ?? IMPORTANCE.medium));
  const [place, setPlace] = useState('');
  const [claim, setClaim] = useState(note?.claim_key ?? '');
  const [unsure, setUnsure] = useState((note?.confidence ?? 1) < 0.5);
  const [secret, setSecret] = useState(false);
  const [allowed, setAllowed] = useState(false);
  const [problem, setProblem] = useState<Record<string, string>>({});
  const levelName = useId();
  const places = usePlaces();
  const save = async (): Promise<boolean> => {
    if (content.trim() === '') {
      setProblem({ content: t('memory.needed') });
      return false;
    }
    const chosen = {
      content,
      title: title.trim(),
      kind,
      tags: tagsOf(tags),
      ...((note === null || levelOf(note.importance) !== level) && { importance: IMPORTANCE[level] }),
      ...((note?.confidence ?? 1) < 0.5 !== unsure && { confidence: unsure ? 0.3 : 0.8 }),
      ...(claim.trim() !== (note?.claim_key ?? '') && { claim_key: claim.trim() || null }),
      allow_secrets: allowed,
    };
    try {
      if (note === null) {
        const stored = await unwrap(api.POST('/v1/memory/notes', { body: { ...chosen, workspace_id: place || null } }));
        const found = stored.conflicts.length + stored.similar.length;
        if (stored.deduped) toast({ tone: 'info', title: t('memory.wasThere'), text: t('memory.wasThereText') });
        else if (found > 0) toast({ tone: 'info', title: t('memory.kept'), text: t('memory.lookAt', { count: found }) });
        else toast({ tone: 'ok', title: t('memory.kept') });
      } else {
        const path = { id: note.id };
        await unwrap(api.PATCH('/v1/memory/notes/{id}', { params: { path }, body: { ...chosen, version: note.version } }));
        toast({ tone: 'ok', title: t('memory.corrected') });
      }
    } catch (error) {
      if (!(error instanceof ApiError) || error.field === null) throw error;
      setSecret(error.code === SECRET);
      setProblem({ [error.field]: error.message });
      return false;
    }
    await onSaved();
    return true;
  };
  const heading = note === null ? t('memory.add') : t('memory.editOf', { name: nameOf(note) });
  return (
    <FormDialog title={heading} submitLabel={note === null ? t('memory.keep') : t('memory.save')} onSubmit={save} onClose={onClose}>
      <Textarea
        label={t('memory.content')}
        description={t('memory.contentHelp')}
        inputWrapperOrder={order}
        rows={6}
        value={content}
        error={problem.content ?? problem.body ?? problem.version}
        onChange={(event) => {
          setContent(event.currentTarget.value);
          setProblem({});
          setSecret(false);
        }}
        data-autofocus
      />
      {secret && (
        <Checkbox label={t('memory.noSecret')} description={t('memory.noSecretHelp')} checked={allowed} onChange={(event) => setAllowed(event.currentTarget.checked)} />
      )}
      <TextInput
        label={t('memory.noteTitle')}
        description={t('memory.noteTitleHelp')}
        inputWrapperOrder={order}
        value={title}
        maxLength={200}
        error={problem.title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <div className={classes.pair}>
        <NativeSelect
          label={t('memory.kindOf')}
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value)}
          data={[...new Set<string>([...KINDS, kind])].map((value) => ({ value, label: kindOf(value) }))}
        />
        {note === null && places.length > 1 && (
          <NativeSelect label={t('memory.place')} value={place} onChange={(event) => setPlace(event.currentTarget.value)} data={places} />
        )}
      </div>
      <TextInput
        label={t('memory.tags')}
        description={t('memory.tagsHelp')}
        inputWrapperOrder={order}
        value={tags}
        error={problem.tags}
        autoCapitalize="none"
        onChange={(event) => {
          setTags(event.currentTarget.value);
          setProblem({});
        }}
      />
      <div>
        <span className={classes.label} id={levelName}>
          {t('memory.importance')}
        </span>
        <SegmentedControl
          fullWidth
          aria-labelledby={levelName}
          value={level}
          onChange={(next) => setLevel(LEVELS.find((each) => each === next) ?? 'medium')}
          data={LEVELS.map((value) => ({ value, label: t(`memory.level.${value}`) }))}
        />
      </div>
      <details className={classes.further}>
        <summary>{t('memory.further')}</summary>
        <Switch label={t('memory.unsure')} description={t('memory.unsureHelp')} checked={unsure} onChange={(event) => setUnsure(event.currentTarget.checked)} />
        <TextInput
          mt={14}
          label={t('memory.claim')}
          description={t('memory.claimHelp')}
          inputWrapperOrder={order}
          placeholder="device:nas|os"
          maxLength={200}
          value={claim}
          error={problem.claim_key}
          onChange={(event) => setClaim(event.currentTarget.value)}
        />
      </details>
    </FormDialog>
  );
}
