import { useMemo } from 'react';
import { blocksOf } from './prose';
import classes from './StoreApp.module.css';

/** What a store writes about an app, always as text. */
export function Prose({ text }: { text: string }) {
  const blocks = useMemo(() => blocksOf(text), [text]);
  return (
    <div className={classes.prose}>
      {blocks.map(({ kind, lines }, index) => {
        if (kind === 'heading') return <h3 key={index}>{lines[0]}</h3>;
        if (kind === 'text') return <p key={index}>{lines.join(' ')}</p>;
        return (
          <ul key={index}>
            {lines.map((line, place) => (
              <li key={place}>{line}</li>
            ))}
          </ul>
        );
      })}
    </div>
  );
}
