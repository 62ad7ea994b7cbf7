import { t } from '@/i18n';
import { percentValue } from '@/i18n/format';
import classes from '../Memory.module.css';

interface BarProps {
  label: string;
  /** Between 0 and 1. */
  share: number;
}

/** A share as a bar with its number; the number is what is read out. */
export function Bar({ label, share }: BarProps) {
  return (
    <div className={classes.bar}>
      <span>{label}</span>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden>
        <rect width="100" height="6" rx="3" className={classes.barGround} />
        <rect width={Math.max(1, Math.min(100, share * 100))} height="6" rx="3" className={classes.barFill} />
      </svg>
      <span className={classes.figure}>{`${percentValue(share * 100)} %`}</span>
    </div>
  );
}

interface Props {
  score: number;
  parts: [label: string, share: number][];
  why: string[];
}

/** How well something answers, and what spoke for it when one wants to know. */
export function Scores({ score, parts, why }: Props) {
  return (
    <details className={classes.scores}>
      <summary>
        <Bar label={t('memory.match')} share={score} />
        <span className={classes.whyLink}>{t('memory.why')}</span>
      </summary>
      {why.length > 0 && (
        <ul className={classes.why}>
          {why.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      )}
      {parts.map(([label, share]) => (
        <Bar key={label} label={label} share={share} />
      ))}
    </details>
  );
}
