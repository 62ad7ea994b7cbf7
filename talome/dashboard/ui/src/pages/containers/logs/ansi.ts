/** A stretch of text in one look. Colours are the sixteen of a terminal; null is the ordinary one. */
export interface Stretch {
  text: string;
  colour: number | null;
  ground: number | null;
  bold: boolean;
  faint: boolean;
  italic: boolean;
  underline: boolean;
  struck: boolean;
}

type Look = Omit<Stretch, 'text'>;

const PLAIN: Look = {
  colour: null, ground: null, bold: false, faint: false, italic: false, underline: false, struck: false,
};
/** More changes of look in one line than this are noise: the rest keeps the last look. */
const MOST_STRETCHES = 300;
// A terminal speaks in control characters, so the patterns have to name them. Each matches in one pass over its text:
// no part of them can match the same characters in two ways, and no sequence runs over the beginning of another.
const SEQUENCE =
  /(?:\u001b\[|\u009b)[0-9;:<=>?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u0090\u0098\u009c-\u009f]*(?:\u0007|\u001b\\|\u009c|$)|\u001b[ -/]*[0-Z\\^-~]/g;
const LOOK = /(?:\u001b\[|\u009b)([0-9;:]*)m/y;
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const UNUSUAL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** A control character as a sign that can be seen: it must not hide or reorder what a program wrote. */
const shown = (character: string): string => {
  const code = character.charCodeAt(0);
  return code < 32 ? String.fromCharCode(0x2400 + code) : code === 127 ? '\u2421' : '\ufffd';
};

const cleaned = (text: string): string => text.replaceAll('\t', '    ').replace(SEQUENCE, '').replace(CONTROLS, shown);

/** The text without sequences for a terminal, tabs as spaces, other controls made visible: what is searched and measured. */
export const plainText = (text: string): string => (UNUSUAL.test(text) ? cleaned(text) : text);

/** The text in stretches of one look each; together they are `plainText`. */
export function stretches(text: string): Stretch[] {
  if (!/[\u001b\u009b]/.test(text)) return [{ text: plainText(text), ...PLAIN }];
  const found: Stretch[] = [];
  let look = PLAIN;
  let from = 0;
  const take = (to: number) => {
    const part = cleaned(text.slice(from, to));
    const last = found.at(-1);
    if (part === '') return;
    if (last !== undefined && (found.length >= MOST_STRETCHES || same(last, look))) last.text += part;
    else found.push({ text: part, ...look });
  };
  SEQUENCE.lastIndex = 0;
  for (let match = SEQUENCE.exec(text); match !== null; match = SEQUENCE.exec(text)) {
    LOOK.lastIndex = match.index;
    const parameters = LOOK.exec(text)?.[1];
    if (parameters === undefined) continue;
    const end = SEQUENCE.lastIndex;
    take(match.index);
    // `take` has used the pattern for itself.
    SEQUENCE.lastIndex = end;
    look = changed(look, parameters);
    from = end;
  }
  take(text.length);
  return found;
}

const same = (a: Look, b: Look): boolean =>
  a.colour === b.colour && a.ground === b.ground && a.bold === b.bold && a.faint === b.faint &&
  a.italic === b.italic && a.underline === b.underline && a.struck === b.struck;

function changed(look: Look, parameters: string): Look {
  const codes = parameters.split(/[;:]/, 32).map(Number);
  let next = look;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      const [colour, used] = extended(codes.slice(index + 1));
      next = code === 38 ? { ...next, colour } : { ...next, ground: colour };
      index += used;
    } else next = simple(next, code);
  }
  return next;
}

const SIMPLE: Record<number, Partial<Look>> = {
  1: { bold: true },
  2: { faint: true },
  3: { italic: true },
  4: { underline: true },
  9: { struck: true },
  22: { bold: false, faint: false },
  23: { italic: false },
  24: { underline: false },
  29: { struck: false },
  39: { colour: null },
  49: { ground: null },
};

function simple(look: Look, code: number): Look {
  if (code === 0) return PLAIN;
  // Text and ground change places; an ordinary text gets the ground of a dim one.
  if (code === 7) return { ...look, ground: look.colour ?? 8, colour: null };
  if (code >= 30 && code <= 37) return { ...look, colour: code - 30 };
  if (code >= 90 && code <= 97) return { ...look, colour: code - 82 };
  if (code >= 40 && code <= 47) return { ...look, ground: code - 40 };
  if (code >= 100 && code <= 107) return { ...look, ground: code - 92 };
  if (code === 27) return { ...look, ground: null };
  return { ...look, ...SIMPLE[code] };
}

/** Colour and number of further parameters of `38;5;n` and `38;2;r;g;b`. */
function extended([mode, ...rest]: number[]): [colour: number | null, used: number] {
  if (mode === 5) return [fromPalette(rest[0] ?? 0), 2];
  if (mode === 2) return [nearest(rest[0] ?? 0, rest[1] ?? 0, rest[2] ?? 0), 4];
  return [null, 1];
}

function fromPalette(index: number): number | null {
  if (!(index >= 0 && index < 256)) return null;
  if (index < 16) return index;
  if (index >= 232) return index < 244 ? 8 : null;
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  const cube = index - 16;
  return nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

/** The nearest of the sixteen, which the theme keeps readable on its ground. */
function nearest(red: number, green: number, blue: number): number | null {
  const high = Math.max(red, green, blue);
  if (!(high <= 255)) return null;
  if (high - Math.min(red, green, blue) < 32) return high < 140 ? 8 : null;
  const on = (value: number) => value > high * 0.6;
  return (on(red) ? 1 : 0) + (on(green) ? 2 : 0) + (on(blue) ? 4 : 0) + (high > 200 ? 8 : 0);
}
