import { useEffect, useRef, useState } from 'react';
import { type Entry, shownName, stemLength, whyNot } from '@/domain/files';
import { t } from '@/i18n';
import classes from '../Entries.module.css';

interface Props {
  entry: Entry;
  /** The new name; null = it stays as it was. */
  onDone: (name: string | null) => void;
}

/** The name of an entry while it is changed in its place. Enter and leaving keep it, Escape does not. */
export function NameField({ entry, onDone }: Props) {
  const [name, setName] = useState(entry.name);
  const field = useRef<HTMLInputElement>(null);
  const ended = useRef(false);
  useEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(0, stemLength(entry.name, entry.kind === 'folder'));
  }, [entry]);
  const wrong = name === entry.name ? null : whyNot(name);
  const end = (next: string | null) => {
    if (ended.current) return;
    ended.current = true;
    onDone(next === entry.name ? null : next);
  };
  return (
    <span className={classes.rename}>
      <input
        ref={field}
        type="text"
        value={name}
        maxLength={255}
        autoComplete="off"
        spellCheck={false}
        aria-label={t('files.newNameOf', { name: shownName(entry.name) })}
        aria-invalid={wrong !== null}
        onChange={(event) => setName(event.currentTarget.value)}
        onBlur={() => end(wrong === null ? name : null)}
        onClick={(event) => event.stopPropagation()}
        onDoubleClick={(event) => event.stopPropagation()}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === 'Enter' && wrong === null) end(name);
          if (event.key === 'Escape') end(null);
        }}
      />
      {wrong !== null && <span role="alert">{wrong}</span>}
    </span>
  );
}
