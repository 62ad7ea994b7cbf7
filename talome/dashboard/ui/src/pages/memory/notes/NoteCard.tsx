import { ActionIcon } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useWide } from '@/app/useWide';
import { RemoveButton } from '@/components/RemoveButton';
import { StateBadge } from '@/components/StateBadge';
import { Time } from '@/components/Time';
import { t } from '@/i18n';
import classes from '../Memory.module.css';
import { placeOf } from '../places';
import { kindOf, levelOf, nameOf, type Note, type ScoredNote, stateOf } from './names';
import { Scores } from './Scores';

interface Props {
  note: Note | ScoredNote;
  onEdit?: (note: Note) => void;
  onForget?: (note: Note) => void;
  /** Buttons below it. */
  footer?: ReactNode;
}

/** A note in a list: what it says, where it belongs, and how well it answers when something was asked. */
export function NoteCard({ note, onEdit, onForget, footer }: Props) {
  const wide = useWide();
  const state = stateOf(note);
  const name = nameOf(note);
  return (
    <li className={classes.card}>
      <div className={classes.cardHead}>
        <Link to="/memory/notes/$id" params={{ id: note.id }} className={classes.cardTitle}>
          {note.title || note.content}
        </Link>
        <span className={classes.cardButtons}>
          {onEdit && (
            <ActionIcon size={wide ? 34 : 44} aria-label={t('memory.editOf', { name })} title={t('memory.edit')} onClick={() => onEdit(note)}>
              <IconPencil size={18} stroke={1.75} />
            </ActionIcon>
          )}
          {onForget && <RemoveButton label={t('memory.forgetOf', { name })} onClick={() => onForget(note)} />}
        </span>
      </div>
      {note.title !== '' && <p className={classes.excerpt}>{note.content}</p>}
      <Marks note={note} />
      {state !== null && <StateBadge state={state} />}
      {'score' in note && (
        <Scores
          score={note.score}
          why={note.why}
          parts={[
            [t('memory.score.words'), note.keyword_score],
            [t('memory.score.meaning'), note.vector_score],
            [t('memory.score.recency'), note.recency_score],
            [t('memory.score.importance'), note.importance_score],
            [t('memory.score.confidence'), note.confidence_score],
          ]}
        />
      )}
      {Boolean(footer) && <div className={classes.row}>{footer}</div>}
    </li>
  );
}

/** Kind, place, importance and tags of a note, in one line. */
export function Marks({ note }: { note: Note }) {
  const level = levelOf(note.importance);
  return (
    <div className={classes.marks}>
      <span className={classes.mark}>{kindOf(note.kind)}</span>
      {note.workspace_id !== null && <span className={classes.mark}>{placeOf(note.workspace_id)}</span>}
      {(level === 'high' || level === 'critical') && <span className={classes.mark}>{t(`memory.level.${level}`)}</span>}
      {note.origin !== 'person' && <span className={classes.mark}>{t(`memory.origin.${note.origin}`)}</span>}
      {note.tags.map((tag) => (
        <span key={tag} className={classes.tag}>
          #{tag}
        </span>
      ))}
      <span className={classes.when}>
        <Time iso={note.updated_at} />
      </span>
    </div>
  );
}
