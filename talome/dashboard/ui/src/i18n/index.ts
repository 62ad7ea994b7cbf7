import { common } from './en/common';
import type { Catalogue } from './en';
import { lazily } from './lazily';

/** A sentence, or one for each plural form when it has a `{count}`. Values go where the braces are. */
export type Entry = string | { one: string; other: string };
type Key = keyof Catalogue;

type Names<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Forms<E> = E extends { one: infer One; other: infer Other } ? One | Other : E;
type Values<K extends Key> = { [Name in Names<Forms<Catalogue[K]>>]: string | number };
type Arguments<K extends Key> = [keyof Values<K>] extends [never] ? [] : [values: Values<K>];

/** A key whose text needs no values. */
export type PlainKey = { [K in Key]: [keyof Values<K>] extends [never] ? K : never }[Key];

export const locale = 'en';

const RIGHT_TO_LEFT = new Set(['ar', 'dv', 'fa', 'he', 'ku', 'ps', 'ur', 'yi']);

/** Which way a language is written. */
export const directionOf = (language: string): 'ltr' | 'rtl' =>
  RIGHT_TO_LEFT.has(language.split('-')[0] ?? '') ? 'rtl' : 'ltr';

const plurals = lazily(() => new Intl.PluralRules(locale));
const numbers = lazily(() => new Intl.NumberFormat(locale));

/** Texts that are loaded; the sign-in page brings fewer than the dashboard. */
const texts: Record<string, Entry> = { ...common };

export const addTexts = (more: Record<string, Entry>): void => void Object.assign(texts, more);

/** The text of a key in the reader's language. Keys and values are checked by the compiler. */
export function t<K extends Key>(key: K, ...[values]: Arguments<K>): string {
  const entry = texts[key] ?? key;
  const given: Record<string, string | number> = values ?? {};
  const form = typeof entry === 'string' ? entry : entry[plurals().select(Number(given.count)) === 'one' ? 'one' : 'other'];
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = given[name];
    return value === undefined ? whole : typeof value === 'number' ? numbers().format(value) : value;
  });
}
