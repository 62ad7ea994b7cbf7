import type { components } from '@/api/schema';
import type { State } from '@/domain/containers';
import { t } from '@/i18n';

type Schemas = components['schemas'];
export type Note = Schemas['Note'];
export type ScoredNote = Schemas['ScoredNote'];
export type NoteVersion = Schemas['NoteVersion'];

/** The usual kinds; programs may use others. */
export const KINDS = ['fact', 'preference', 'decision', 'lesson', 'context', 'task'] as const;

/** A kind as people call it, or as a program wrote it. */
export function kindOf(kind: string): string {
  const known = KINDS.find((each) => each === kind);
  return known === undefined ? kind : t(`memory.kind.${known}`);
}

/** How a note is called: its title, or how it begins. */
export function nameOf({ title, content }: Pick<Note, 'title' | 'content'>): string {
  if (title !== '') return title;
  const line = content.trim().split('\n', 1)[0] ?? '';
  return line.length > 60 ? `${line.slice(0, 58).trimEnd()} …` : line;
}

/** Null while a note is simply in use. */
export function stateOf({ status }: Note): State | null {
  switch (status) {
    case 'pending':
      return { tone: 'warn', label: t('memory.state.pending') };
    case 'superseded':
      return { tone: 'idle', label: t('memory.state.superseded') };
    case 'rejected':
      return { tone: 'idle', label: t('memory.state.rejected') };
    case 'archived':
      return { tone: 'idle', label: t('memory.state.archived') };
    default:
      return null;
  }
}

const LEVELS = [
  ['critical', 0.9],
  ['high', 0.7],
  ['medium', 0.4],
  ['low', 0],
] as const;
export type Level = (typeof LEVELS)[number][0];

/** Importance in one of four words, as the server tells it to webhooks. */
export const levelOf = (importance: number): Level => LEVELS.find(([, least]) => importance >= least)?.[0] ?? 'low';

/** What a level stands for when a person chooses it. */
export const IMPORTANCE: Record<Level, number> = { low: 0.2, medium: 0.5, high: 0.8, critical: 1 };
