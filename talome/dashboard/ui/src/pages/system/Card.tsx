import { type ReactNode, useId } from 'react';
import classes from './System.module.css';

interface Props {
  title: string;
  /** A figure beside the title. */
  value?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A titled part of the page. */
export function Card({ title, value, actions, children }: Props) {
  const id = useId();
  return (
    <section className={classes.card} aria-labelledby={id}>
      <div className={classes.cardHead}>
        <h2 className={classes.cardTitle} id={id}>
          {title}
        </h2>
        {value !== undefined && <span className={classes.cardValue}>{value}</span>}
        {actions}
      </div>
      {children}
    </section>
  );
}

interface MeterProps {
  /** 0 to 100. */
  percent: number;
  /** From where on it is too much; null = never. */
  full?: number | null;
}

/** A bar beside a figure that says the same in words. */
export function Meter({ percent, full = 90 }: MeterProps) {
  return (
    <div className={classes.meter} data-full={(full !== null && percent >= full) || undefined} aria-hidden>
      <span style={{ width: `${Math.min(100, Math.max(0, percent))}%` }} />
    </div>
  );
}
