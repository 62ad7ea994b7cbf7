import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import type { SettingSchema, SettingState, SettingValue } from '@/api/types';
import { toast, toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { type Drafts, type Input, isIdle, isOvertaken, problemOf, valueOf } from './values';

export const STATES = ['settings', 'states'];
type Values = Record<string, SettingValue>;
type Revisions = Record<string, string>;

const put = (values: Values, revisions: Revisions) =>
  unwrap(api.PUT('/api/settings/states', { body: { values, revisions } }));

/** Changes values on the server, unless somebody else was quicker; what is shown follows the answer. */
export function useChange() {
  const queries = useQueryClient();
  return async (values: Values, revisions: Revisions): Promise<SettingState[]> => {
    try {
      const states = await put(values, revisions);
      queries.setQueryData(STATES, states);
      void queries.invalidateQueries({ queryKey: ['settings', 'history'] });
      return states;
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) await queries.invalidateQueries({ queryKey: STATES });
      throw error;
    }
  };
}

/** What was edited and not saved, with what is wrong about it. */
export function useDrafts(schemas: Map<string, SettingSchema>, states: Map<string, SettingState>) {
  const change = useChange();
  const [drafts, setDrafts] = useState<Drafts>({});
  const [looked, setLooked] = useState<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = useState<Record<string, string>>({});
  const [saving, setSaving] = useState(false);

  const live: Drafts = Object.fromEntries(
    Object.entries(drafts).filter(([key, draft]) => {
      const [schema, state] = [schemas.get(key), states.get(key)];
      return schema !== undefined && state !== undefined && !isIdle(schema, draft, state);
    }),
  );
  const keys = Object.keys(live);
  const problem = (key: string): string | null => {
    const [schema, draft] = [schemas.get(key), live[key]];
    if (schema === undefined || draft === undefined) return null;
    return refused[key] ?? (looked.has(key) ? problemOf(schema, draft.input) : null);
  };
  const drop = (dropped: string[]) =>
    setDrafts((known) => Object.fromEntries(Object.entries(known).filter(([key]) => !dropped.includes(key))));
  // What became true meanwhile is no draft any more; kept, it would come back as one later.
  useEffect(() => setDrafts((known) => (Object.keys(known).every((key) => key in live) ? known : live)), [states]);
  const edit = (key: string, input: Input) => {
    const revision = live[key]?.revision ?? states.get(key)?.revision ?? '';
    const [schema, state] = [schemas.get(key), states.get(key)];
    if (schema && state && isIdle(schema, { input, revision }, state)) drop([key]);
    else setDrafts((known) => ({ ...known, [key]: { input, revision } }));
    setRefused(({ [key]: _, ...rest }) => rest);
  };
  /** Keeps one's own edit although somebody else changed the setting meanwhile. */
  const keepMine = (key: string) =>
    setDrafts((known) => {
      const draft = known[key];
      return draft ? { ...known, [key]: { ...draft, revision: states.get(key)?.revision ?? '' } } : known;
    });
  const look = (key: string) => setLooked((known) => new Set([...known, key]));

  /** Saves all of them or none; answers the key of the first that is in the way. */
  const save = async (): Promise<string | null> => {
    const wrong = keys.filter((key) => {
      const [schema, state, draft] = [schemas.get(key), states.get(key), live[key]];
      return schema && state && draft && (problemOf(schema, draft.input) !== null || isOvertaken(draft, state));
    });
    setLooked(new Set(keys));
    if (wrong[0] !== undefined) return wrong[0];
    const before = new Map(states);
    setSaving(true);
    try {
      const saved = await change(
        Object.fromEntries(keys.map((key) => [key, valueOf(schemas.get(key) as SettingSchema, live[key]?.input ?? null)])),
        Object.fromEntries(keys.map((key) => [key, live[key]?.revision ?? ''])),
      );
      drop(keys);
      tellSaved(keys, before, saved);
      return null;
    } catch (error) {
      return refuse(error);
    } finally {
      setSaving(false);
    }
  };
  const refuse = (error: unknown): string | null => {
    const field = error instanceof ApiError ? error.field : null;
    // A conflict shows at the setting by itself, as soon as the new state is here.
    if (error instanceof ApiError && error.status === 409) return field;
    if (field !== null && field in live) {
      setRefused((known) => ({ ...known, [field]: (error as ApiError).message }));
      return field;
    }
    toastError(t('settings.notSaved'), error);
    return null;
  };
  const tellSaved = (saved: string[], before: Map<string, SettingState>, states: SettingState[]) => {
    const secret = saved.some((key) => schemas.get(key)?.kind === 'secret');
    const undo = () => {
      const old = saved.map((key) => [key, before.get(key)?.chosen ? (before.get(key)?.value ?? null) : null] as const);
      const now = states.filter(({ key }) => saved.includes(key)).map(({ key, revision }) => [key, revision] as const);
      change(Object.fromEntries(old), Object.fromEntries(now)).then(
        () => toast({ tone: 'ok', title: t('settings.undone') }),
        (error: unknown) => toastError(t('settings.notUndone'), error),
      );
    };
    const action = secret ? undefined : { label: t('action.undo'), run: undo };
    toast({ tone: 'ok', title: t('settings.saved', { count: saved.length }), action });
  };
  return { drafts: live, keys, problem, edit, drop, keepMine, look, save, saving };
}

export type Editing = ReturnType<typeof useDrafts>;
