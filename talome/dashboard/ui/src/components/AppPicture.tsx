import { type CSSProperties, useRef } from 'react';
import { AppIcon } from './AppIcon';
import classes from './AppPicture.module.css';
import { usePicture } from './pictures';

interface Props {
  name: string;
  /** The icon's address on this server; null where the app has none. */
  src: string | null;
  seed?: string;
  size?: number;
}

/** The icon of an app, or its letter where there is no icon to show. */
export function AppPicture({ name, src, seed, size = 48 }: Props) {
  const place = useRef<HTMLSpanElement>(null);
  const address = usePicture(src, place);
  if (address === null) return <AppIcon name={name} seed={seed} size={size} />;
  const style = { '--size': `${size}px` } as CSSProperties;
  if (address === undefined) return <span ref={place} className={classes.waiting} style={style} aria-hidden />;
  return <img className={classes.picture} style={style} src={address} alt="" width={size} height={size} decoding="async" />;
}
