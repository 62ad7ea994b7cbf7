import { describe, expect, it } from 'vitest';
import { type Block, inline, parse } from './markdown';

const text = (blocks: Block[]) => JSON.stringify(blocks);

describe('markdown', () => {
  it('knows the usual blocks', () => {
    const kinds = parse('# A\n\ntext\n\n- x\n- y\n\n> q\n\n```js\nb\n```\n\n---\n\n|a|b|\n|-|-|\n|1|2|').map(({ type }) => type);
    expect(kinds).toEqual(['heading', 'paragraph', 'list', 'quote', 'code', 'rule', 'table']);
  });

  it('nests lists and keeps what is done', () => {
    const [list] = parse('1. one\n2. two\n   - [x] inner\n   - [ ] open');
    expect(list).toMatchObject({ type: 'list', ordered: true, start: 1, items: [{}, { blocks: [{ type: 'paragraph' }, { type: 'list' }] }] });
    expect(text([list!])).toContain('"done":true');
  });

  it('leaves HTML the text that it is', () => {
    expect(parse('<img src=x onerror=alert(1)>')).toEqual([
      { type: 'paragraph', children: [{ type: 'text', text: '<img src=x onerror=alert(1)>' }] },
    ]);
  });

  it('links to the web and to nothing else', () => {
    expect(inline('[a](https://e.org)')).toEqual([{ type: 'link', href: 'https://e.org', children: [{ type: 'text', text: 'a' }] }]);
    for (const bad of ['javascript:alert(1)', 'data:text/html,x', '/api/auth/logout', ' JaVaScRiPt:x', 'vbscript:x']) {
      expect(JSON.stringify(inline(`[a](${bad})`))).not.toContain('"link"');
    }
    expect(JSON.stringify(inline('![a](/api/files)'))).not.toContain('"link"');
  });

  it('is quick with whatever it is given', () => {
    const nasty = ['*'.repeat(20_000), '['.repeat(20_000), '`'.repeat(20_001), '> '.repeat(5_000), '- '.repeat(5_000), '_a'.repeat(10_000), 'http://'.repeat(4_000)];
    const begun = performance.now();
    for (const each of nasty) parse(each);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});
