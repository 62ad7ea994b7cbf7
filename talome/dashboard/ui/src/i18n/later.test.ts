import { describe, expect, it } from 'vitest';
import { en } from './en';
import { account } from './en/account';
import { audit } from './en/audit';
import { deeds } from './en/deeds';
import { files } from './en/files';
import { people } from './en/people';
import { push } from './en/push';
import { rights } from './en/rights';
import { second } from './en/second';
import { storage } from './en/storage';
import { uploads } from './en/uploads';

const later = { account, audit, files, people, push, rights, second, storage, uploads };

describe('texts that come later', () => {
  it('have no exclamation marks and no empty texts', () => {
    const entries = [...Object.values(later).flatMap((each) => Object.values<unknown>(each)), ...Object.values(deeds)];
    const texts = entries.flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry as object)));
    expect(texts.filter((text) => text.trim() === '' || text.includes('!'))).toEqual([]);
  });

  it('are not those of another file', () => {
    const keys = [en, ...Object.values(later)].flatMap((each) => Object.keys(each));
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });
});
