import { describe, expect, it } from 'vitest';
import type { Entry } from './paletteEntries';
import { remembered, search } from './paletteSearch';

const entry = (id: string, group: string, label: string, more: Partial<Entry> = {}): Entry => ({
  id,
  group,
  label,
  words: '',
  icon: null,
  run: () => undefined,
  ...more,
});

const all = [
  entry('home', 'Pages', 'Home'),
  entry('containers', 'Pages', 'Containers', { words: '/containers' }),
  entry('jf', 'Containers', 'jellyfin', { words: 'docker.io/jellyfin/jellyfin:10' }),
  entry('jf-stop', 'Actions', 'Stop jellyfin', { onlyWhenSearched: true }),
  entry('ha', 'Containers', 'home-assistant'),
];
const ids = (query: string, recent: string[] = []) => search(all, query, recent).map(({ id }) => id);

describe('the search', () => {
  it('opens with what was used last, and without actions', () => {
    expect(ids('', ['ha', 'gone'])).toEqual(['ha', 'home', 'containers', 'jf']);
  });

  it('puts the group with the best answer first', () => {
    expect(ids('jelly')).toEqual(['jf', 'jf-stop']);
    expect(ids('stop jelly')).toEqual(['jf-stop']);
    expect(ids('home')).toEqual(['home', 'ha']);
  });

  it('forgives a slip of the finger, but not in two letters', () => {
    expect(ids('jelfin')).toEqual(['jf', 'jf-stop']);
    expect(ids('zq')).toEqual([]);
  });

  it('finds by words that are not shown', () => {
    expect(ids('docker.io')).toEqual(['jf']);
  });

  it('takes the server’s word for what it found, before and after its own', () => {
    const found = [...all, entry('file /m/plan.txt', 'Files', 'plan.txt', { far: 3 }), entry('folder /m/hom', 'Files', 'hom', { far: 0 })];
    expect(search(found, 'home', []).map(({ id }) => id)).toEqual(['home', 'ha', 'folder /m/hom', 'file /m/plan.txt']);
  });

  it('remembers five at most, each once', () => {
    expect(remembered(['a', 'b', 'c', 'd', 'e'], 'c')).toEqual(['c', 'a', 'b', 'd', 'e']);
    expect(remembered(['a', 'b', 'c', 'd', 'e'], 'f')).toHaveLength(5);
  });
});
