import { PasswordInput } from '@mantine/core';
import { type PlainKey, t } from '@/i18n';
import classes from './Credentials.module.css';
import { passwordScore, type Score } from './password';

interface Props {
  label: string;
  value: string;
  username?: string;
  error?: string | null;
  onChange: (value: string) => void;
  onBlur?: () => void;
}

const WORDS: Record<Score, PlainKey> = {
  0: 'gate.strength0',
  1: 'gate.strength1',
  2: 'gate.strength2',
  3: 'gate.strength3',
  4: 'gate.strength4',
};

/** A password that is being chosen, with a hint about its strength. */
export function NewPassword({ label, value, username, error, onChange, onBlur }: Props) {
  const score = passwordScore(value, username);
  return (
    <div>
      <PasswordInput
        label={label}
        name="new-password"
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={value}
        error={error}
        onChange={(event) => onChange(event.currentTarget.value)}
        onBlur={onBlur}
        visibilityToggleButtonProps={{ 'aria-label': t('action.show'), tabIndex: 0 }}
      />
      <div className={classes.strength} data-score={score} aria-hidden>
        <span />
        <span />
        <span />
        <span />
      </div>
      <div className={classes.strengthWord} aria-live="polite">
        {value === '' ? t('gate.strengthHint') : t('gate.strength', { word: t(WORDS[score]) })}
      </div>
    </div>
  );
}
