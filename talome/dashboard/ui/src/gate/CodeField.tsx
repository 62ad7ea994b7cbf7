import { Button, TextInput } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { ApiError } from '@/api/errors';
import { t } from '@/i18n';
import { FormNotice } from './FormNotice';
import classes from './Gate.module.css';

export const DIGITS = 6;

/** Whether it is about what was typed, so that it is said there. */
export const isAtField = (error: unknown): error is ApiError => error instanceof ApiError && error.code === 'wrong_code';
interface FieldProps {
  way: 'code' | 'recovery';
  typed: string;
  tried: boolean;
  error: unknown;
  onChange: (value: string) => void;
}

/** Six digits, or a recovery code. */
export function CodeField({ way, typed, tried, error, onChange }: FieldProps) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isAtField(error)) field.current?.select();
  }, [error]);
  const isCode = way === 'code';
  const incomplete = isCode ? typed.replace(/\s/g, '').length !== DIGITS : typed.trim() === '';
  const problem = isAtField(error) ? error.message : null;
  const missing = tried && incomplete ? t(isCode ? 'second.needCode' : 'second.needRecoveryCode') : null;
  return (
    <TextInput
      ref={field}
      label={t(isCode ? 'second.code' : 'second.recoveryCode')}
      name={isCode ? 'code' : 'recovery-code'}
      autoComplete={isCode ? 'one-time-code' : 'off'}
      inputMode={isCode ? 'numeric' : 'text'}
      maxLength={isCode ? 7 : 100}
      classNames={isCode ? { input: classes.code } : undefined}
      autoCapitalize="none"
      spellCheck={false}
      autoFocus
      value={typed}
      error={missing ?? problem}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** Told once a recovery code was used up. */
export function CodesLeft({ count, onEnter }: { count: number; onEnter: () => void }) {
  return (
    <div className={classes.form}>
      <h1 className={classes.title}>{t('second.codesLeftTitle')}</h1>
      <FormNotice tone={count < 3 ? 'danger' : 'ok'}>{t('gate.codesLeft', { count })}</FormNotice>
      <Button size="md" fullWidth onClick={onEnter} autoFocus>
        {t('gate.recoveredContinue')}
      </Button>
    </div>
  );
}
