import { ActionIcon, Autocomplete } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { CopyButton } from '@/components/CopyButton';
import { t } from '@/i18n';
import { dollars } from '../money';
import classes from './Playground.module.css';
import type { Reply } from './talk';

interface Props {
  model: string;
  names: string[];
  turns: { question: string; reply: Reply }[];
  disabled: boolean;
  onModel: (model: string) => void;
  onRemove?: () => void;
}

/** One model and what it said. */
export function ReplyColumn({ model, names, turns, disabled, onModel, onRemove }: Props) {
  return (
    <section className={classes.column} aria-label={t('ai.answersOf', { model })}>
      <div className={classes.head}>
        <Autocomplete
          aria-label={t('ai.model')}
          data={names}
          limit={50}
          value={model}
          disabled={disabled}
          onChange={onModel}
          comboboxProps={{ shadow: undefined }}
          className={classes.model}
        />
        {onRemove && (
          <ActionIcon size={34} variant="default" disabled={disabled} aria-label={t('ai.removeColumn', { model })} onClick={onRemove}>
            <IconX size={16} />
          </ActionIcon>
        )}
      </div>
      {turns.length === 0 ? (
        <p className={classes.hint}>{t('ai.hint')}</p>
      ) : (
        <ol className={classes.turns} aria-live="polite" aria-busy={disabled}>
          {turns.map(({ question, reply }, index) => (
            <li key={index}>
              <p className={classes.question}>{question}</p>
              <Answer reply={reply} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function Answer({ reply }: { reply: Reply }) {
  const { text, thinking, state, reason } = reply;
  return (
    <div className={classes.answer} data-state={state}>
      {thinking !== '' && (
        <details className={classes.thinking}>
          <summary>{t('ai.thinking')}</summary>
          {thinking}
        </details>
      )}
      {state === 'waiting' ? <p className={classes.hint}>{t('ai.waiting')}</p> : <p className={classes.text}>{text}</p>}
      {state === 'stopped' && <p className={classes.hint}>{t('ai.stopped')}</p>}
      {state === 'failed' && (
        <p role="alert" className={classes.failed}>
          {reason}
        </p>
      )}
      {state === 'done' && (
        <div className={classes.facts}>
          <span>{facts(reply)}</span>
          <CopyButton text={text} />
        </div>
      )}
    </div>
  );
}

function facts({ firstMs, tookMs, tokensIn, tokensOut, costUsd }: Reply): string {
  const seconds = ((tookMs ?? 0) - (firstMs ?? 0)) / 1000;
  return [
    firstMs !== null && t('ai.firstAfter', { ms: Math.round(firstMs) }),
    tokensIn !== null && tokensOut !== null && t('ai.tokens', { input: tokensIn, output: tokensOut }),
    tokensOut !== null && seconds > 0.05 && t('ai.perSecond', { rate: Math.round(tokensOut / seconds) }),
    costUsd !== null && dollars(costUsd),
  ]
    .filter(Boolean)
    .join(' · ');
}
