import { expect, it } from 'vitest';
import { blocksOf } from './prose';

it('reads paragraphs, lists and headings, and shows no signs of Markdown', () => {
  const text = '# Photos\n\nAll of **them**,\nsee [here](https://example.org).\n\n- one\n- two\n  and more\n\n![](x.png)\n';
  expect(blocksOf(text)).toEqual([
    { kind: 'heading', lines: ['Photos'] },
    { kind: 'text', lines: ['All of them,', 'see here.'] },
    { kind: 'list', lines: ['one', 'two and more'] },
  ]);
});

it('keeps snake_case and stars that mean nothing', () => {
  expect(blocksOf('set my_own_name to 2 * 3')).toEqual([{ kind: 'text', lines: ['set my_own_name to 2 * 3'] }]);
});

it('takes the lines of a folded text as paragraphs', () => {
  expect(blocksOf('One.\nTwo.\n').map(({ lines }) => lines)).toEqual([['One.'], ['Two.']]);
});
