interface Pressed {
  key: string;
  altKey: boolean;
}

/** How far a key moves the cursor in a grid of so many columns; null for a key that does not. */
export function moveOf({ key, altKey }: Pressed, columns: number, page: number, count: number): number | null {
  if (altKey) return null;
  const moves: Record<string, number | null> = {
    ArrowDown: columns,
    ArrowUp: -columns,
    // A list of rows has no left and right.
    ArrowRight: columns > 1 ? 1 : null,
    ArrowLeft: columns > 1 ? -1 : null,
    PageDown: page,
    PageUp: -page,
    Home: -count,
    End: count,
  };
  return moves[key] ?? null;
}
