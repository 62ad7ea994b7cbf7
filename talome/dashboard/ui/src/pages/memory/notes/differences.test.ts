import { describe, expect, it } from 'vitest';
import { differences } from './differences';

const told = (before: string, after: string) =>
  differences(before, after).map(({ kind, text }) => ({ same: '', added: '+', removed: '-' })[kind] + text);

describe('differences', () => {
  it('shows what a word was before', () => {
    expect(told('The NAS is at 10.0.0.2 now', 'The NAS is at 10.0.0.7 now')).toEqual(['The NAS is at ', '-10.0.0.2', '+10.0.0.7', ' now']);
  });

  it('keeps words together that changed together', () => {
    expect(told('tea at four', 'coffee after five')).toEqual(['-tea at four', '+coffee after five']);
  });

  it('knows what is only longer, and what is the same', () => {
    expect(told('one', 'one two')).toEqual(['one', '+ two']);
    expect(told('one two', 'one two')).toEqual(['one two']);
    expect(told('', 'one')).toEqual(['+one']);
    expect(told('', '')).toEqual([]);
  });

  it('gives back both texts whole, however different they are', () => {
    const words = (seed: number) => Array.from({ length: 400 }, (_, n) => `w${(n * seed) % 37}`).join(' ');
    const [before, after] = [words(3), words(5)];
    const pieces = differences(before, after);
    const without = (kind: string) => pieces.filter((piece) => piece.kind !== kind).map(({ text }) => text).join('');
    expect(without('added')).toBe(before);
    expect(without('removed')).toBe(after);
  });

  it('takes a very long text as changed whole', () => {
    const long = (word: string) => Array.from({ length: 4000 }, () => word).join(' ');
    expect(differences(long('a'), long('b'))).toHaveLength(2);
  });
});
