const NARROW = /^[\u0020-\u007e]*$/;
const WIDE =
  /^[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]$/u;
/** Accents, joiners and variation selectors belong to the sign before them. */
const JOINED = /^[\p{Mn}\p{Me}\u200b-\u200d\ufe00-\ufe0f\u{e0100}-\u{e01ef}]$/u;

/** Columns that a sign takes in a font of fixed width. */
const widthOf = (sign: string): number => (NARROW.test(sign) ? 1 : JOINED.test(sign) ? 0 : WIDE.test(sign) ? 2 : 1);

/** Rows that a text takes. */
export const rowsOf = (plain: string, columns: number): number => {
  if (plain.length <= columns && NARROW.test(plain)) return 1;
  return NARROW.test(plain) ? Math.ceil(plain.length / columns) : breaksOf(plain, columns).length;
};

/** Where each row of a text begins. Every row fits into the columns, so what is drawn is what was counted. */
export function breaksOf(plain: string, columns: number): number[] {
  if (columns === Infinity) return [0];
  const breaks = [0];
  if (NARROW.test(plain)) {
    for (let at = columns; at < plain.length; at += columns) breaks.push(at);
    return breaks;
  }
  let offset = 0;
  let filled = 0;
  for (const sign of plain) {
    const width = widthOf(sign);
    if (filled + width > columns) {
      breaks.push(offset);
      filled = 0;
    }
    filled += width;
    offset += sign.length;
  }
  return breaks;
}
