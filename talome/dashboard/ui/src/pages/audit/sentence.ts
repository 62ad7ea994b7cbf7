import type { components } from '@/api/schema';
import { t } from '@/i18n';
import { deeds } from '@/i18n/en/deeds';
import './texts';

export type Entry = components['schemas']['AuditEntry'];

const plain = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Who it was: at the sign-in nobody is known yet but by the name that was typed. */
export function personOf(entry: Entry): string {
  const signedIn = entry.changes.find(({ field }) => field === 'signedIn');
  if (entry.actorKind !== 'anonymous') return entry.actor;
  return plain(signedIn?.new) ?? plain(entry.arguments.username) ?? t('audit.somebody');
}

const TARGETS = ['username', 'displayName', 'name', 'id', 'operation', 'action'];

/** What it was done to, where the arguments name it; `names` are those of people, by id. */
export function targetOf(entry: Entry, names: ReadonlyMap<string, string>): string | null {
  if (entry.operation.startsWith('auth.')) return null;
  const person = names.get(plain(entry.arguments.id) ?? '');
  if (person !== undefined) return person;
  const [first] = TARGETS.map((name) => plain(entry.arguments[name])).filter((value) => value !== null);
  return first ?? (entry.changes.map(({ field }) => field).join(', ') || null);
}

/** "ada changed settings", "ben tried to stop a container": an operation in words, or by its name. */
export function sentenceOf(entry: Entry): string {
  const deed = deeds[entry.operation];
  const who = personOf(entry);
  const [did, tried] = deed ?? [`: ${entry.operation}`, entry.operation];
  return entry.outcome === 'ok' ? t('audit.did', { who, what: did }) : t('audit.tried', { who, what: tried });
}

/** A value of the log as text that a person can compare. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined || value === '') return t('audit.nothing');
  if (Array.isArray(value)) return value.length === 0 ? t('audit.nothing') : value.map(valueText).join(', ');
  return typeof value === 'object' ? JSON.stringify(value, null, 1) : String(value);
}
