export interface Block {
  kind: 'heading' | 'text' | 'list';
  lines: string[];
}

/** Markdown's signs are taken away; what they would have made is not needed to read a description. */
const words = (line: string): string =>
  line
    .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replace(/\[([^\]]+)\]\((?:[^)\s]*)\)/g, '$1')
    .replace(/(\*\*|__|`)(\S(?:[^*_`]*\S)?)\1/g, '$2')
    .replace(/<\/?[a-zA-Z][^<>]*>/g, '')
    .trim();

const BULLET = /^\s*(?:[-*+•]|\d{1,2}[.)])\s+/;
const HEADING = /^\s*#{1,6}\s+/;

/** A store's description, plain or Markdown, as paragraphs, lists and headings of plain text. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | null = null;
  const put = (kind: Block['kind'], line: string) => {
    const plain = words(line);
    if (plain === '') return;
    if (open?.kind === kind && kind !== 'heading') open.lines.push(plain);
    else blocks.push((open = { kind, lines: [plain] }));
  };
  const lines = text.slice(0, 20_000).trim().split(/\r?\n/);
  // YAML's folded texts keep one line for each paragraph and nothing between them.
  const folded = !lines.some((line) => line.trim() === '');
  for (const line of lines) {
    if (line.trim() === '' || (folded && (open as Block | null)?.kind === 'text')) open = null;
    if (line.trim() === '') continue;
    if (HEADING.test(line)) put('heading', line.replace(HEADING, ''));
    else if (BULLET.test(line)) put('list', line.replace(BULLET, ''));
    else if ((open as Block | null)?.kind === 'list' && /^\s{2,}/.test(line)) {
      const list = open as unknown as Block;
      list.lines[list.lines.length - 1] += ` ${words(line)}`;
    } else put('text', line);
  }
  return blocks;
}
