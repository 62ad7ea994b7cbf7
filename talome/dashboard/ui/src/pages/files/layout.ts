/** How a folder's entries lie on the page: one column of rows, or a grid of tiles, all of one size. */
export interface Layout {
  columns: number;
  rowHeight: number;
  width: number;
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const TILE_WIDTH = 148;
const TILE_HEIGHT = 156;

export const listLayout = (width: number, rowHeight: number): Layout => ({ columns: 1, rowHeight, width });

export const gridLayout = (width: number): Layout => ({
  columns: Math.max(2, Math.floor(width / TILE_WIDTH)),
  rowHeight: TILE_HEIGHT,
  width,
});

export const rowsOf = (count: number, { columns }: Layout): number => Math.ceil(count / columns);

/** The rows to draw of those between two heights, with some more on both sides: from the first up to before the last. */
export function shownRows(top: number, bottom: number, count: number, layout: Layout, more: number): [from: number, to: number] {
  const rows = rowsOf(count, layout);
  const from = Math.floor(top / layout.rowHeight) - more;
  const to = Math.ceil(bottom / layout.rowHeight) + more;
  return [Math.max(0, Math.min(rows, from)), Math.max(0, Math.min(rows, to))];
}

/** The places of the entries that a drawn frame touches. */
export function touched(box: Box, count: number, { columns, rowHeight, width }: Layout): number[] {
  const cell = width / columns;
  const found: number[] = [];
  const lastRow = Math.min(rowsOf(count, { columns, rowHeight, width }) - 1, Math.floor(box.bottom / rowHeight));
  for (let row = Math.max(0, Math.floor(box.top / rowHeight)); row <= lastRow; row += 1) {
    const lastColumn = Math.min(columns - 1, Math.floor(box.right / cell));
    for (let column = Math.max(0, Math.floor(box.left / cell)); column <= lastColumn; column += 1) {
      const index = row * columns + column;
      if (index < count) found.push(index);
    }
  }
  return found;
}

/** The frame between two corners, whichever way it was drawn. */
export const boxOf = (x1: number, y1: number, x2: number, y2: number): Box => ({
  left: Math.min(x1, x2),
  top: Math.min(y1, y2),
  right: Math.max(x1, x2),
  bottom: Math.max(y1, y2),
});
