import { describe, expect, it } from 'vitest';
import { asQuery, readFilters } from './filters';
import { type Entry, personOf, sentenceOf, targetOf, valueText } from './sentence';

const entry = (more: Partial<Entry>): Entry => ({
  id: 1, at: '2026-11-22T12:00:00Z', actor: 'ada', actorKind: 'user', ip: '::1', operation: 'users.change',
  risk: 'modify', arguments: {}, changes: [], outcome: 'ok', status: 200, error: null, requestId: 'req_1', ...more,
});

describe('filters', () => {
  it('take nothing from the address that is not theirs', () => {
    const search = { actor: 'ada', outcome: 'great', since: '2026-13-45', until: '2026-11-22', limit: 9, operation: 7 };
    expect(readFilters(search)).toEqual({ actor: 'ada', until: '2026-11-22', operation: '7' });
  });

  it('include the last day', () => {
    const { since, until } = asQuery({ since: '2026-11-22', until: '2026-11-22' });
    expect(Date.parse(until ?? '') - Date.parse(since ?? '')).toBe(86_400_000);
    expect(asQuery({ operation: ' users. ' })).toEqual({ operation: 'users' });
  });
});

describe('sentences', () => {
  it('say who did what, or tried to', () => {
    expect(sentenceOf(entry({}))).toBe('ada changed a person');
    expect(sentenceOf(entry({ outcome: 'denied' }))).toBe('ada tried to change a person');
    expect(sentenceOf(entry({ operation: 'plants.water' }))).toContain('plants.water');
  });

  it('name whoever was signing in', () => {
    const login = { actor: 'anonymous', actorKind: 'anonymous', operation: 'auth.login' };
    expect(personOf(entry({ ...login, arguments: { username: '<b>eve</b>' } }))).toBe('<b>eve</b>');
    expect(personOf(entry({ ...login, changes: [{ field: 'signedIn', old: null, new: 'ben' }] }))).toBe('ben');
    expect(personOf(entry(login))).toBe('Somebody');
  });

  it('name the person behind an id', () => {
    const changed = entry({ arguments: { id: 'usr_1', displayName: 'Ben' } });
    expect(targetOf(changed, new Map([['usr_1', 'ben']]))).toBe('ben');
    expect(targetOf(changed, new Map())).toBe('Ben');
    expect(targetOf(entry({ arguments: { id: 'web' } }), new Map())).toBe('web');
  });

  it('show values as text', () => {
    expect(valueText([])).toBe('nothing');
    expect(valueText(['a', 2, false])).toBe('a, 2, false');
    expect(valueText({ a: 1 })).toContain('"a": 1');
  });
});
