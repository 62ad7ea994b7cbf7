import type { WidgetManifest, WidgetOption } from '@/api/types';
import { type PlainKey, t } from '@/i18n';
import type { Format } from '../widgets/written';

type Kind = WidgetManifest['kind'];

/** Everything that the form holds; which of it counts depends on the kind. */
export interface Draft {
  title: string;
  text: string;
  links: { title: string; url: string }[];
  operation: string;
  arguments: Record<string, string>;
  path: string | null;
  labelPath: string;
  valuePath: string | null;
  timesPath: string | null;
  format: Format;
  unit: string;
  minimum: string;
  maximum: string;
  refreshS: number;
  most: string;
}

export const emptyDraft: Draft = {
  title: '',
  text: '',
  links: [{ title: '', url: '' }],
  operation: '',
  arguments: {},
  path: null,
  labelPath: '',
  valuePath: null,
  timesPath: null,
  format: 'plain',
  unit: '',
  minimum: '0',
  maximum: '100',
  refreshS: 30,
  most: '5',
};

/** The form of a widget that exists. */
export function draftOf(manifest: WidgetManifest): Draft {
  const filled: Draft = { ...emptyDraft, title: manifest.title };
  if (manifest.kind === 'text') return { ...filled, text: manifest.text };
  if (manifest.kind === 'links') return { ...filled, links: manifest.links };
  const { source } = manifest;
  const args = Object.fromEntries(Object.entries(source.arguments ?? {}).map(([name, value]) => [name, String(value)]));
  const shared = { ...filled, operation: source.operation, arguments: args, path: source.path ?? '', refreshS: manifest.refreshS ?? 30 };
  if (manifest.kind === 'list') {
    return { ...shared, labelPath: manifest.labelPath ?? '', valuePath: manifest.valuePath ?? null, most: String(manifest.most ?? 5) };
  }
  if (manifest.kind === 'gauge') {
    return { ...shared, unit: manifest.unit ?? '', minimum: String(manifest.minimum ?? 0), maximum: String(manifest.maximum ?? 100) };
  }
  const timesPath = manifest.kind === 'chart' ? (manifest.timesPath ?? null) : null;
  return { ...shared, unit: manifest.unit ?? '', format: manifest.format ?? 'plain', timesPath };
}

/** The manifest that a form without problems describes. */
export function manifestOf(kind: Kind, draft: Draft): WidgetManifest {
  const title = draft.title.trim();
  if (kind === 'text') return { kind, title, text: draft.text };
  if (kind === 'links') return { kind, title, links: draft.links.map((link) => ({ title: link.title.trim(), url: link.url.trim() })) };
  const given = Object.entries(draft.arguments).filter(([, value]) => value !== '');
  const source = { operation: draft.operation, arguments: Object.fromEntries(given), path: draft.path ?? '' };
  const shared = { title, source, refreshS: draft.refreshS };
  const unit = draft.unit.trim();
  const format = draft.format;
  switch (kind) {
    case 'stat':
      return { kind, ...shared, unit, format };
    case 'chart':
      return { kind, ...shared, unit, format: format === 'time' ? 'plain' : format, timesPath: draft.timesPath };
    case 'gauge':
      return { kind, ...shared, unit, minimum: Number(draft.minimum), maximum: Number(draft.maximum) };
    case 'list':
      return { kind, ...shared, labelPath: draft.labelPath, valuePath: draft.valuePath, most: Number(draft.most) };
  }
}

export type Problems = Record<string, string>;

/** What is missing, by the name of the field. */
export function problemsOf(kind: Kind, draft: Draft, option: WidgetOption | undefined): Problems {
  const found: [string, PlainKey][] = [];
  if (draft.title.trim() === '') found.push(['title', 'home.needTitle']);
  if (kind === 'text' && draft.text.trim() === '') found.push(['text', 'home.needText']);
  if (kind === 'links') {
    draft.links.forEach(({ title, url }, index) => {
      if (title.trim() === '') found.push([`links.${index}.title`, 'home.needTitle']);
      if (!/^(https?:\/\/\S+|\/(?![/\\])\S*)$/.test(url.trim())) found.push([`links.${index}.url`, 'home.needLink']);
    });
  }
  if (kind !== 'text' && kind !== 'links') {
    if (option === undefined) found.push(['operation', 'home.needSource']);
    for (const name of requiredOf(option)) if (!draft.arguments[name]) found.push([`arguments.${name}`, 'home.needArgument']);
    if (draft.path === null) found.push(['path', 'home.needValue']);
    if (kind === 'gauge' && !(Number(draft.maximum) > Number(draft.minimum))) found.push(['maximum', 'settings.needNumber']);
    if (kind === 'list' && !/^([1-9]|1\d|20)$/.test(draft.most)) found.push(['most', 'settings.needNumber']);
  }
  return Object.fromEntries(found.map(([name, key]) => [name, t(key)]));
}

export interface Argument {
  name: string;
  required: boolean;
  choices: string[] | null;
}

interface Schema {
  properties?: Record<string, { enum?: unknown[]; type?: string; anyOf?: { enum?: unknown[]; type?: string }[]; $ref?: string }>;
  required?: string[];
}

const SIMPLE = new Set(['string', 'number', 'integer', 'boolean']);
const MOST_ARGUMENTS = 6;

/** The arguments of an operation that a form asks for: what must be given, and what is a choice of a few. */
export function argumentsOf(option: WidgetOption | undefined): Argument[] {
  const { properties = {}, required = [] } = (option?.arguments ?? {}) as Schema;
  return Object.entries(properties)
    .flatMap(([name, schema]): Argument[] => {
      const arms = [schema, ...(schema.anyOf ?? [])];
      const choices = arms.find((arm) => arm.enum)?.enum;
      const simple = choices !== undefined || arms.some(({ type }) => type !== undefined && SIMPLE.has(type));
      const bool = arms.some(({ type }) => type === 'boolean');
      return simple ? [{ name, required: required.includes(name), choices: bool ? ['true', 'false'] : (choices?.map(String) ?? null) }] : [];
    })
    .filter(({ required, choices }) => required || choices !== null)
    .sort((a, b) => Number(b.required) - Number(a.required))
    .slice(0, MOST_ARGUMENTS);
}

const requiredOf = (option: WidgetOption | undefined): string[] => (option?.arguments as Schema | undefined)?.required ?? [];
