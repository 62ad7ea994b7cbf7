import { Button, NumberInput, Textarea } from '@mantine/core';
import { IconColumns2, IconEraser, IconPlayerStop, IconSend } from '@tabler/icons-react';
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useStored } from '@/components/useStored';
import { t } from '@/i18n';
import classes from './Playground.module.css';
import { ReplyColumn } from './ReplyColumn';
import { type Message, NO_REPLY, type Reply, talk } from './talk';
import { useModelNames } from './useModelNames';

interface Turn {
  question: string;
  replies: Reply[];
}

const MOST_COLUMNS = 3;
const FIRST_CHOICES = ['auto', 'fast', 'max'];
const isBusy = ({ state }: Reply) => state === 'waiting' || state === 'coming';

/** A place to try models, up to three beside each other, over the same door that every program of the house uses. */
export default function Playground() {
  const names = useModelNames();
  const [{ models, system, maxTokens }, remember] = useStored('ai.playground', {
    models: ['auto'] as string[],
    system: '',
    maxTokens: 1024,
  });
  const [question, setQuestion] = useState('');
  const [turns, setTurns] = useState<Turn[]>([]);
  const ending = useRef<AbortController | null>(null);
  useEffect(() => () => ending.current?.abort(), []);
  const busy = turns.at(-1)?.replies.some(isBusy) === true;

  const tell = (turn: number, column: number) => (reply: Reply) =>
    setTurns((all) =>
      all.map((each, index) =>
        index === turn ? { ...each, replies: each.replies.map((old, at) => (at === column ? reply : old)) } : each,
      ),
    );
  const ask = () => {
    const asked = question.trim();
    if (asked === '' || busy) return;
    const control = new AbortController();
    ending.current = control;
    setTurns([...turns, { question: asked, replies: models.map(() => NO_REPLY) }]);
    setQuestion('');
    models.forEach((model, column) => {
      const messages = said(turns, column, system, asked);
      void talk({ model, messages, maxTokens, signal: control.signal }, tell(turns.length, column));
    });
  };
  const choose = (column: number, model: string) => remember({ models: models.map((old, at) => (at === column ? model : old)) });
  const addColumn = () => {
    remember({ models: [...models, FIRST_CHOICES.find((each) => !models.includes(each)) ?? 'auto'] });
    setTurns([]);
  };
  const removeColumn = (column: number) => {
    remember({ models: models.filter((_, at) => at !== column) });
    setTurns(turns.map((turn) => ({ ...turn, replies: turn.replies.filter((_, at) => at !== column) })));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    ask();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    ask();
  };
  return (
    <div className={classes.page}>
      <div className={classes.columns} data-count={models.length}>
        {models.map((model, column) => (
          <ReplyColumn
            key={column}
            model={model}
            names={names}
            turns={turns.map((turn) => ({ question: turn.question, reply: turn.replies[column] ?? NO_REPLY }))}
            disabled={busy}
            onModel={(next) => choose(column, next)}
            onRemove={models.length > 1 ? () => removeColumn(column) : undefined}
          />
        ))}
      </div>
      <form className={classes.form} onSubmit={onSubmit}>
        <Textarea
          aria-label={t('ai.question')}
          placeholder={t('ai.questionHint')}
          autosize
          minRows={2}
          maxRows={10}
          size="md"
          value={question}
          onChange={(event) => setQuestion(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <div className={classes.buttons}>
          {busy ? (
            <Button variant="default" leftSection={<IconPlayerStop size={16} />} onClick={() => ending.current?.abort()}>
              {t('ai.stop')}
            </Button>
          ) : (
            <Button type="submit" leftSection={<IconSend size={16} />} disabled={question.trim() === ''}>
              {t('ai.send')}
            </Button>
          )}
          {models.length < MOST_COLUMNS && (
            <Button variant="default" leftSection={<IconColumns2 size={16} />} disabled={busy} onClick={addColumn}>
              {t('ai.compare')}
            </Button>
          )}
          {turns.length > 0 && (
            <Button variant="default" leftSection={<IconEraser size={16} />} disabled={busy} onClick={() => setTurns([])}>
              {t('ai.startOver')}
            </Button>
          )}
        </div>
        <details className={classes.advanced}>
          <summary>{t('ai.advanced')}</summary>
          <Textarea
            label={t('ai.system')}
            description={t('ai.systemHelp')}
            autosize
            minRows={2}
            maxRows={8}
            value={system}
            onChange={(event) => remember({ system: event.currentTarget.value })}
          />
          <NumberInput
            label={t('ai.maxTokens')}
            description={t('ai.maxTokensHelp')}
            min={1}
            max={32_768}
            allowDecimal={false}
            clampBehavior="strict"
            value={maxTokens}
            onChange={(value) => typeof value === 'number' && remember({ maxTokens: value })}
          />
        </details>
      </form>
    </div>
  );
}

/** The conversation as one column has it; a turn without an answer is left out, since models want turn and turn about. */
function said(turns: Turn[], column: number, system: string, asked: string): Message[] {
  const before = turns.flatMap(({ question, replies }): Message[] => {
    const text = replies[column]?.text ?? '';
    return text === '' ? [] : [{ role: 'user', content: question }, { role: 'assistant', content: text }];
  });
  const first: Message[] = system.trim() === '' ? [] : [{ role: 'system', content: system.trim() }];
  return [...first, ...before, { role: 'user', content: asked }];
}
