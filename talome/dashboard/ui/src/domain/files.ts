import type { components } from '@/api/schema';
import { t } from '@/i18n';

type Schemas = components['schemas'];

export type Entry = Schemas['Entry'];
export type FileInfo = Schemas['FileInfo'];
export type Root = Schemas['Root'];
export type Trashed = Schemas['Trashed'];
export type Favourite = Schemas['Favourite'];

/** All that the dashboard asks of files is kept below this key, so that one change makes all of it be asked again. */
export const FILES = 'files';

export const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
export const joined = (folder: string, name: string): string => (folder === '/' ? `/${name}` : `${folder}/${name}`);

/** Whether a path is a folder or something below it. */
export const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** A name for the eye: what is no text in it stands as a sign for that. */
export const shownName = (name: string): string => name.replace(/[\uf780-\uf7ff]/g, '\ufffd');

/** The folders on the way to a path, the outermost first. */
export function stepsTo(path: string): { path: string; name: string }[] {
  const names = path.split('/').filter(Boolean);
  return names.map((name, index) => ({ name, path: `/${names.slice(0, index + 1).join('/')}` }));
}

export type Look = 'folder' | 'image' | 'video' | 'audio' | 'pdf' | 'markdown' | 'text' | 'archive' | 'link' | 'special' | 'file';

/** Endings of files that are text, though the server may not know their type. */
const TEXTS = new Set(
  ('txt log csv tsv json json5 jsonl yaml yml toml ini conf cfg env xml html htm svg css scss less js mjs cjs ts tsx jsx py rb rs go ' +
    'java kt c h cc cpp hpp cs php pl lua sh bash zsh fish ps1 bat sql r swift dart vue svelte astro graphql proto diff patch ' +
    'srt vtt ass nfo m3u m3u8 gitignore dockerignore editorconfig properties service timer mount rst tex bib').split(' '),
);
const ARCHIVES = new Set('zip tar tgz gz tbz2 tbz bz2 txz xz zst tzst'.split(' '));
const UNPACKED = /\.(zip|tar|tgz|tbz2?|txz|tar\.(gz|bz2|xz))$/i;
const PLAIN_NAMES = /^(dockerfile|makefile|readme|license|licence|copying|changelog|authors|\.[\w-]+(rc|ignore|profile|env|aliases|logout))$/i;

const endingOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1).toLowerCase();

/** What a file looks like to people. A picture that may hold a script is text here. */
export function lookOf({ kind, name, mediaType }: Pick<Entry, 'kind' | 'name' | 'mediaType'>): Look {
  if (kind === 'folder') return 'folder';
  if (kind === 'link') return 'link';
  if (kind !== 'file') return 'special';
  const type = mediaType ?? '';
  const ending = endingOf(name);
  if (ending === 'md' || ending === 'markdown') return 'markdown';
  if (type === 'application/pdf') return 'pdf';
  if (TEXTS.has(ending) || PLAIN_NAMES.test(name)) return 'text';
  if (ARCHIVES.has(ending)) return 'archive';
  for (const look of ['image', 'video', 'audio'] as const) if (type.startsWith(`${look}/`)) return look;
  return type.startsWith('text/') ? 'text' : 'file';
}

/** Whether Talome can unpack it. */
export const isArchive = ({ kind, name }: Pick<Entry, 'kind' | 'name'>): boolean => kind === 'file' && UNPACKED.test(name);

/** What an archive is called without its ending, as the folder that it is unpacked to. */
export const withoutEnding = (name: string): string => name.replace(UNPACKED, '') || name;

/** Why this cannot be a name; null where it can. */
export function whyNot(name: string): string | null {
  if (name.trim() === '') return t('files.nameEmpty');
  if (name === '.' || name === '..') return t('files.nameDots');
  if (/[/\0]/.test(name)) return t('files.nameSlash');
  return new TextEncoder().encode(name).length > 255 ? t('files.nameLong') : null;
}

/** How much of a name to mark when it is changed: all but the ending. */
export function stemLength(name: string, folder: boolean): number {
  const dot = name.lastIndexOf('.');
  return folder || dot <= 0 ? name.length : dot;
}
