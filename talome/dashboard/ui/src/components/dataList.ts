import type { ReactNode } from 'react';

/** One column of a list: what it is sorted by, and how it is shown. */
export interface Column<Row> {
  id: string;
  label: string;
  /** What it is sorted by; left out for a column that has no order. Null is the smallest. */
  value?: (row: Row) => number | string | null;
  show: (row: Row) => ReactNode;
  /** Figures stand at the end of their column. */
  end?: boolean;
  /** Share of the table's width that it would like, such as "20%". */
  width?: string;
  /** The first one is the row's heading; on a phone the others follow below it, without those that are not worth it. */
  wideOnly?: boolean;
}

export interface Order {
  sort: string;
  descending: boolean;
}

const words = (query: string): string[] => query.trim().toLowerCase().split(/\s+/).filter(Boolean);

/** The rows that hold every typed word, in the order of a column; equal ones stay as they came. */
export function arrange<Row>(
  rows: Row[],
  columns: Column<Row>[],
  order: Order,
  query: string,
  text: (row: Row) => string,
): Row[] {
  const wanted = words(query);
  const found =
    wanted.length === 0 ? rows : rows.filter((row) => wanted.every((word) => text(row).toLowerCase().includes(word)));
  const key = columns.find(({ id }) => id === order.sort)?.value;
  if (key === undefined) return found;
  const direction = order.descending ? -1 : 1;
  return [...found].sort((a, b) => direction * compare(key(a), key(b)));
}

function compare(a: number | string | null, b: number | string | null): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  if (typeof a === 'string' && typeof b === 'string') return a.localeCompare(b, undefined, { numeric: true });
  return Number(a) - Number(b);
}

/** What is ticked, by the rows' keys. */
export interface Ticks {
  has: (key: string) => boolean;
  set: (keys: string[], on: boolean) => void;
  /** What the tick of a row is called. */
  label: (key: string) => string;
}
