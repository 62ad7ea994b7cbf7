export interface Edge {
  from: string;
  to: string;
}

export interface Point {
  x: number;
  y: number;
}

const ROUNDS = 220;

/**
 * Places the nodes of a graph in a box: all push each other away, edges pull, and the middle pulls a little, with steps
 * that grow smaller (Fruchterman and Reingold). The same graph always gets the same picture.
 */
export function layout(ids: string[], edges: Edge[], width: number, height: number): Map<string, Point> {
  const [xs, ys] = [new Float64Array(ids.length), new Float64Array(ids.length)];
  ids.forEach((_, at) => {
    // A spiral by the golden angle: spread out evenly, and nothing is random.
    const far = 0.8 * Math.sqrt((at + 0.5) / ids.length);
    xs[at] = (width / 2) * (1 + far * Math.cos(at * 2.399963));
    ys[at] = (height / 2) * (1 + far * Math.sin(at * 2.399963));
  });
  const index = new Map(ids.map((id, at) => [id, at]));
  const ends = edges.flatMap(({ from, to }) => {
    const [a, b] = [index.get(from), index.get(to)];
    return a === undefined || b === undefined || a === b ? [] : [a, b];
  });
  const box = { xs, ys, ends, width, height, ideal: 0.75 * Math.sqrt((width * height) / Math.max(1, ids.length)) };
  for (let round = 0; round < ROUNDS; round += 1) step(box, (width / 10) * (1 - round / ROUNDS));
  return new Map(ids.map((id, at) => [id, { x: xs[at] ?? 0, y: ys[at] ?? 0 }]));
}

interface Box {
  xs: Float64Array;
  ys: Float64Array;
  /** Two numbers of nodes for each edge. */
  ends: number[];
  width: number;
  height: number;
  ideal: number;
}

function step({ xs, ys, ends, width, height, ideal }: Box, most: number): void {
  const count = xs.length;
  const dxs = xs.map((x) => (width / 2 - x) * 0.02 * ideal);
  const dys = ys.map((y) => (height / 2 - y) * 0.02 * ideal);
  const push = (a: number, b: number, pulls: boolean) => {
    const dx = (xs[a] ?? 0) - (xs[b] ?? 0) || 0.01;
    const dy = (ys[a] ?? 0) - (ys[b] ?? 0) || 0.01;
    const square = dx * dx + dy * dy;
    const strength = pulls ? -Math.sqrt(square) / ideal : (ideal * ideal) / square;
    dxs[a] = (dxs[a] ?? 0) + dx * strength;
    dys[a] = (dys[a] ?? 0) + dy * strength;
    dxs[b] = (dxs[b] ?? 0) - dx * strength;
    dys[b] = (dys[b] ?? 0) - dy * strength;
  };
  for (let a = 0; a < count; a += 1) for (let b = a + 1; b < count; b += 1) push(a, b, false);
  for (let at = 0; at < ends.length; at += 2) push(ends[at] ?? 0, ends[at + 1] ?? 0, true);
  for (let at = 0; at < count; at += 1) {
    const [dx, dy] = [dxs[at] ?? 0, dys[at] ?? 0];
    const far = Math.hypot(dx, dy) || 1;
    const scale = Math.min(far, most) / far;
    xs[at] = Math.min(width - 30, Math.max(30, (xs[at] ?? 0) + dx * scale));
    ys[at] = Math.min(height - 24, Math.max(24, (ys[at] ?? 0) + dy * scale));
  }
}
