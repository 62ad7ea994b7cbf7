import type { CSSProperties } from 'react';
import classes from './AppIcon.module.css';

/** Hues that look well as a dark tile; muddy yellows and olives are left out. */
const HUES = [18, 36, 150, 168, 190, 212, 236, 256, 276, 298, 322, 350];

/** A hue that stays the same for a name, so that an app is recognised before it is read. */
export function hueOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const letter of name.toLowerCase()) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return HUES[(hash ^ (hash >>> 15)) % HUES.length] ?? 0;
}

interface Props {
  name: string;
  /** What gives the colour; the containers of a project share theirs. */
  seed?: string;
  size?: number;
}

/** A letter tile that stands for an app without an icon of its own. */
export function AppIcon({ name, seed = name, size = 48 }: Props) {
  const letter = [...name.replace(/[^\p{L}\p{N}]/gu, '')][0] ?? '?';
  const style = { '--hue': hueOf(seed), '--size': `${size}px` } as CSSProperties;
  return (
    <span className={classes.icon} style={style} aria-hidden>
      {letter.toUpperCase()}
    </span>
  );
}
