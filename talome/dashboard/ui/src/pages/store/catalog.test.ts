import { expect, it } from 'vitest';
import type { AppSummary } from '@/domain/apps';
import { asSearch, beginning, narrow, readFilters, shelves } from './catalog';

const app = (appId: string, more: Partial<AppSummary> = {}) =>
  ({ id: `s:${appId}`, appId, store: 's', name: appId, tagline: '', developer: '', category: 'media', compatible: true, lacks: [], ...more }) as AppSummary;

const apps = [
  app('plex'),
  app('jellyfin', { tagline: 'Films without Plex' }),
  app('immich', { category: 'photos', name: 'Ïmmich' }),
  app('odd', { category: 'other', compatible: false, store: 'b' }),
];
const names = (list: AppSummary[]) => list.map(({ appId }) => appId);

it('finds by name before it finds by words, and without accents', () => {
  const all = { q: '', category: null, store: null, fitting: false };
  expect(names(narrow(apps, { ...all, q: 'plex' }))).toEqual(['plex', 'jellyfin']);
  expect(names(narrow(apps, { ...all, q: 'imm' }))).toEqual(['immich']);
  expect(names(narrow(apps, { ...all, fitting: true, category: 'other' }))).toEqual([]);
  expect(names(narrow(apps, { ...all, store: 'b' }))).toEqual(['odd']);
});

it('keeps its filters in the address and reads only those it knows', () => {
  expect(readFilters({ q: 7, category: 'nonsense', fitting: 'yes' }, ['media'])).toEqual({
    q: '7', category: null, store: null, fitting: false,
  });
  expect(asSearch({ q: '', category: 'media', store: null, fitting: true })).toEqual({ category: 'media', fitting: true });
});

it('puts the fullest shelf first and the rest last', () => {
  expect(shelves(apps).map(({ category }) => category)).toEqual(['media', 'photos', 'other']);
  expect(names(beginning(apps))).toEqual(['immich', 'jellyfin']);
});
