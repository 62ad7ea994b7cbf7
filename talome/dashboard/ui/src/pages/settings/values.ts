import type { SettingSchema, SettingState, SettingValue } from '@/api/types';
import { type PlainKey, t } from '@/i18n';
import { locale } from '@/i18n';

/** What stands in a control: text for everything but a switch; null = back to the default. */
export type Input = string | boolean | null;

/** A change that is not saved yet, with the state it started from. */
export interface Draft {
  input: Input;
  revision: string;
}

export type Drafts = Readonly<Record<string, Draft>>;

const CONFIGURED = '(configured)';
const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 6 });

/** What the control of a setting shows for a value. */
export function inputOf(schema: SettingSchema, value: SettingValue): Input {
  if (schema.kind === 'boolean') return value === true;
  if (schema.kind === 'secret') return value === CONFIGURED ? CONFIGURED : '';
  return value === null ? '' : String(value);
}

/** The value that an input stands for; call it only where `problemOf` finds nothing. */
export function valueOf(schema: SettingSchema, input: Input): SettingValue {
  if (schema.kind === 'number' && typeof input === 'string') return Number(input.trim().replace(',', '.'));
  return input;
}

/** Why an input cannot be saved, in a sentence; null when it can. */
export function problemOf(schema: SettingSchema, input: Input): string | null {
  if (typeof input !== 'string') return null;
  const { kind, minimum, maximum, unit } = schema;
  if (kind === 'number') {
    const number = input.trim() === '' ? Number.NaN : Number(input.trim().replace(',', '.'));
    if (!Number.isFinite(number)) return t('settings.needNumber');
    const outside = (minimum !== null && number < minimum) || (maximum !== null && number > maximum);
    const range = { low: withUnit(minimum ?? 0, null), high: withUnit(maximum ?? 0, unit) };
    return outside ? t('settings.outOfRange', range) : null;
  }
  const length = [...input].length;
  if (kind === 'secret' && input === '') return t('settings.needSecret');
  if (minimum !== null && length < minimum) return t('settings.tooShort', { count: minimum });
  if (maximum !== null && length > maximum) return t('settings.tooLong', { count: maximum });
  return null;
}

const withUnit = (value: number, unit: string | null) => (unit === null ? numbers.format(value) : `${numbers.format(value)} ${unit}`);

/** A value in words: "90 %", "On", "Set". */
export function worded(schema: SettingSchema, value: SettingValue): string {
  if (schema.kind === 'secret') return t(value === null || value === '' ? 'settings.notSet' : 'settings.set');
  if (value === null) {
    return schema.default === null ? t('settings.theDefault') : t('settings.defaultOf', { value: worded(schema, schema.default) });
  }
  if (typeof value === 'boolean') return t(value ? 'settings.on' : 'settings.off');
  if (typeof value === 'number') return withUnit(value, schema.unit);
  return value === '' ? t('settings.empty') : value;
}

/** What a draft would make of a setting, in words. */
export const wordedDraft = (schema: SettingSchema, { input }: Draft): string =>
  schema.kind === 'secret' && input !== null ? t('settings.newSecret') : worded(schema, valueOf(schema, input));

/** Whether somebody else changed the setting since the draft was begun. */
export const isOvertaken = (draft: Draft, state: SettingState): boolean => draft.revision !== state.revision;

/** Drafts that would change nothing are no drafts. */
export function isIdle(schema: SettingSchema, draft: Draft, state: SettingState): boolean {
  if (draft.input === null) return !state.chosen;
  if (schema.kind === 'secret') return draft.input === '' && state.value === null;
  return draft.input === inputOf(schema, state.value);
}

const FEATURES: Record<string, PlainKey> = {
  system: 'settings.featureSystem',
  containers: 'settings.featureContainers',
  metrics: 'settings.featureMetrics',
  terminal: 'settings.featureTerminal',
  gateway: 'settings.featureGateway',
  notifications: 'settings.featureNotifications',
  push: 'settings.featureNotifications',
  accounts: 'settings.featureAccounts',
  auth: 'settings.featureAccounts',
};

/** The household word for the part of Talome that a setting belongs to. */
export function groupOf({ feature }: SettingSchema): string {
  const known = FEATURES[feature];
  return known === undefined ? feature.charAt(0).toUpperCase() + feature.slice(1).replace(/[_-]+/g, ' ') : t(known);
}

export interface Group {
  name: string;
  settings: SettingSchema[];
}

/** The settings that hold every typed word, under the names of their groups. */
export function grouped(schemas: SettingSchema[], query: string): Group[] {
  const words = query.trim().toLowerCase().split(/\s+/);
  const groups = new Map<string, SettingSchema[]>();
  for (const schema of schemas) {
    const name = groupOf(schema);
    const text = `${name} ${schema.title} ${schema.help} ${schema.key} ${(schema.choices ?? []).join(' ')}`.toLowerCase();
    if (words.every((word) => text.includes(word))) groups.set(name, [...(groups.get(name) ?? []), schema]);
  }
  return [...groups].map(([name, settings]) => ({ name, settings }));
}
