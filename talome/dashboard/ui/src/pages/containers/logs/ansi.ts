/** A stretch of text in one look. `colour` is one of the sixteen terminal colours; null is the ordinary one. */
export interface Stretch {
  text: string;
  colour: number | null;
  bold: boolean;
  italic: boolean;
  underline: boolean;
}

type Look = Omit<Stretch, 'text'>;

const PLAIN: Look = { colour: null, bold: false, italic: false, underline: false };
// A terminal speaks in control characters, so the pattern has to name them.
const ESCAPES = /\u001b(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])|[\u0000-\u0008\u000b-\u001f\u007f]/g;
const COLOURS = /\u001b\[([0-9;:]*)m/y;

/** The text without any control sequence, tabs as spaces: what is searched and measured. */
export function plainText(text: string): string {
  return text.replaceAll('\t', '    ').replace(ESCAPES, '');
}

/** The text in stretches of one look each. Colours beyond the sixteen become the nearest of them, which the theme keeps readable. */
export function stretches(text: string): Stretch[] {
  const source = text.replaceAll('\t', '    ');
  if (!source.includes('\u001b')) return [{ text: plainText(source), ...PLAIN }];
  const found: Stretch[] = [];
  let look = PLAIN;
  let from = 0;
  const take = (to: number) => {
    const part = plainText(source.slice(from, to));
    if (part !== '') found.push({ text: part, ...look });
  };
  for (let at = source.indexOf('\u001b'); at >= 0; at = source.indexOf('\u001b', at + 1)) {
    COLOURS.lastIndex = at;
    const match = COLOURS.exec(source);
    if (match === null) continue;
    take(at);
    look = changed(look, match[1] ?? '');
    from = COLOURS.lastIndex;
  }
  take(source.length);
  return found;
}

function changed(look: Look, parameters: string): Look {
  const codes = parameters.split(/[;:]/).map(Number);
  let next = look;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      const [colour, used] = extended(codes.slice(index + 1));
      if (code === 38) next = { ...next, colour };
      index += used;
    } else next = simple(next, code);
  }
  return next;
}

function simple(look: Look, code: number): Look {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...look, bold: true };
  if (code === 3) return { ...look, italic: true };
  if (code === 4) return { ...look, underline: true };
  if (code === 22) return { ...look, bold: false };
  if (code === 23) return { ...look, italic: false };
  if (code === 24) return { ...look, underline: false };
  if (code >= 30 && code <= 37) return { ...look, colour: code - 30 };
  if (code >= 90 && code <= 97) return { ...look, colour: code - 82 };
  if (code === 39) return { ...look, colour: null };
  return look;
}

/** Colour and number of further parameters of `38;5;n` and `38;2;r;g;b`. */
function extended([mode, ...rest]: number[]): [colour: number | null, used: number] {
  if (mode === 5) return [fromPalette(rest[0] ?? 0), 2];
  if (mode === 2) return [nearest(rest[0] ?? 0, rest[1] ?? 0, rest[2] ?? 0), 4];
  return [null, 1];
}

function fromPalette(index: number): number | null {
  if (index < 16) return index;
  if (index >= 232) return index < 244 ? 8 : null;
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  const cube = index - 16;
  return nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function nearest(red: number, green: number, blue: number): number | null {
  const high = Math.max(red, green, blue);
  if (high - Math.min(red, green, blue) < 32) return high < 140 ? 8 : null;
  const on = (value: number) => value > high * 0.6;
  return (on(red) ? 1 : 0) + (on(green) ? 2 : 0) + (on(blue) ? 4 : 0) + (high > 200 ? 8 : 0);
}
