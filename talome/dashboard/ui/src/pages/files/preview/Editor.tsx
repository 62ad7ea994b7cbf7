import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { t } from '@/i18n';
import classes from './Preview.module.css';
import { indented, outdented } from './indent';

interface Props {
  name: string;
  text: string;
  readOnly: boolean;
  onText: (text: string) => void;
  onSave: () => void;
}

/** A text with its line numbers. Tab indents; Escape gives Tab back to the page, so that nobody is caught here. */
export function Editor({ name, text, readOnly, onText, onSave }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  const numbers = useRef<HTMLPreElement>(null);
  const [free, setFree] = useState(false);
  const lines = useMemo(() => Array.from({ length: text.split('\n').length }, (_, index) => index + 1).join('\n'), [text]);
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
      event.preventDefault();
      onSave();
    } else if (event.key === 'Escape' && !free && !readOnly) {
      event.stopPropagation();
      setFree(true);
    } else if (event.key === 'Tab' && !free && !readOnly && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      const { selectionStart, selectionEnd } = event.currentTarget;
      const changed = (event.shiftKey ? outdented : indented)(text, selectionStart, selectionEnd);
      replace(event.currentTarget, changed);
    }
  };
  /** In the way of typing, so that the browser's own undo knows of it. */
  const replace = (element: HTMLTextAreaElement, { from, to, insert, start, end }: ReturnType<typeof indented>) => {
    element.setSelectionRange(from, to);
    if (!document.execCommand('insertText', false, insert)) onText(text.slice(0, from) + insert + text.slice(to));
    element.setSelectionRange(start, end);
  };
  return (
    <div className={classes.editor}>
      <pre ref={numbers} className={classes.numbers} aria-hidden>
        {lines}
      </pre>
      <textarea
        ref={area}
        value={text}
        readOnly={readOnly}
        wrap="off"
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="none"
        aria-label={t('files.textOf', { name })}
        aria-description={readOnly ? undefined : t('files.tabHelp')}
        onChange={(event) => onText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onFocus={() => setFree(false)}
        onScroll={(event) => {
          if (numbers.current) numbers.current.scrollTop = event.currentTarget.scrollTop;
        }}
      />
    </div>
  );
}
