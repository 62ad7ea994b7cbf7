import type { CSSProperties } from 'react';
import classes from './AppIcon.module.css';

/** A hue that stays the same for a name, so that an app is recognised before it is read. */
export function hueOf(name: string): number {
  let hash = 7;
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return (hash % 24) * 15;
}

/** A letter tile that stands for an app without an icon of its own. */
export function AppIcon({ name, size = 48 }: { name: string; size?: number }) {
  const letter = [...name.replace(/[^\p{L}\p{N}]/gu, '')][0] ?? '?';
  const style = { '--hue': hueOf(name), '--size': `${size}px` } as CSSProperties;
  return (
    <span className={classes.icon} style={style} aria-hidden>
      {letter.toUpperCase()}
    </span>
  );
}
