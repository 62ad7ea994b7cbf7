/** One rectangle of the picture. */
export interface Tile<T> {
  item: T;
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** How far the worst rectangle of a row is from a square; 1 is one. */
function worst(sizes: number[], sum: number, side: number): number {
  const thick = sum / side;
  return Math.max(...sizes.map((size) => Math.max(thick / (size / thick), size / thick / thick)));
}

/**
 * Rectangles whose areas stand to each other as the sizes do, as square as they can be: rows are laid along the shorter
 * side as long as that makes them squarer. The items come in falling order.
 */
export function treemap<T>(items: readonly T[], sizeOf: (item: T) => number, whole: Area): Tile<T>[] {
  const given = items.filter((item) => sizeOf(item) > 0);
  const total = given.reduce((sum, item) => sum + sizeOf(item), 0);
  if (total === 0 || whole.width <= 0 || whole.height <= 0) return [];
  const scale = (whole.width * whole.height) / total;
  const tiles: Tile<T>[] = [];
  let left = whole;
  let at = 0;
  while (at < given.length) {
    const side = Math.min(left.width, left.height);
    const row: T[] = [];
    const sizes: number[] = [];
    let sum = 0;
    for (; at < given.length; at += 1) {
      const size = sizeOf(given[at]!) * scale;
      if (row.length > 0 && worst([...sizes, size], sum + size, side) > worst(sizes, sum, side)) break;
      row.push(given[at]!);
      sizes.push(size);
      sum += size;
    }
    left = lay(row, sizes, sum, left, tiles);
  }
  return tiles;
}

/** Puts one row along the shorter side, and says what is left. */
function lay<T>(row: T[], sizes: number[], sum: number, area: Area, tiles: Tile<T>[]): Area {
  const upright = area.width >= area.height;
  const thick = sum / (upright ? area.height : area.width);
  let offset = 0;
  row.forEach((item, index) => {
    const long = sizes[index]! / thick;
    tiles.push(
      upright
        ? { item, x: area.x, y: area.y + offset, width: thick, height: long }
        : { item, x: area.x + offset, y: area.y, width: long, height: thick },
    );
    offset += long;
  });
  return upright
    ? { x: area.x + thick, y: area.y, width: Math.max(0, area.width - thick), height: area.height }
    : { x: area.x, y: area.y + thick, width: area.width, height: Math.max(0, area.height - thick) };
}
