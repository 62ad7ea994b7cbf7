import {
  type Icon,
  IconActivity,
  IconBooks,
  IconChecklist,
  IconCode,
  IconHomeBolt,
  IconMovie,
  IconPhoto,
  IconShieldLock,
  IconSparkles,
  IconStack2,
} from '@tabler/icons-react';
import type { CSSProperties } from 'react';
import { hueOf } from '@/components/AppIcon';
import classes from './Stacks.module.css';

const DRAWINGS: Record<string, Icon> = {
  activity: IconActivity,
  books: IconBooks,
  checklist: IconChecklist,
  code: IconCode,
  'home-bolt': IconHomeBolt,
  movie: IconMovie,
  photo: IconPhoto,
  'shield-lock': IconShieldLock,
  sparkles: IconSparkles,
};

/** The drawing of a stack by its name; one for all where there is none of that name. */
export function StackIcon({ icon, seed, size }: { icon: string; seed: string; size: number }) {
  const Drawing = DRAWINGS[icon] ?? IconStack2;
  return (
    <span className={classes.icon} style={{ '--hue': hueOf(seed), '--size': `${size}px` } as CSSProperties} aria-hidden>
      <Drawing size={size * 0.5} stroke={1.75} />
    </span>
  );
}
