import { UnstyledButton } from '@mantine/core';
import { type PlainKey, t } from '@/i18n';
import type { Handle } from './Screen';
import classes from './Terminal.module.css';

const KEYS: [label: string, name: PlainKey, sends: string][] = [
  ['Esc', 'terminal.key.esc', '\u001b'],
  ['Tab', 'terminal.key.tab', '\t'],
  ['^C', 'terminal.key.ctrlC', '\u0003'],
  ['^D', 'terminal.key.ctrlD', '\u0004'],
  ['↑', 'terminal.key.up', '\u001b[A'],
  ['↓', 'terminal.key.down', '\u001b[B'],
  ['←', 'terminal.key.left', '\u001b[D'],
  ['→', 'terminal.key.right', '\u001b[C'],
];

/** The keys that the keyboard of a phone does not have. */
export function Keys({ handle }: { handle: React.RefObject<Handle | null> }) {
  return (
    <div className={classes.keys} role="toolbar" aria-label={t('terminal.keys')}>
      {KEYS.map(([label, name, sends]) => (
        <UnstyledButton
          key={name}
          className={classes.key}
          aria-label={t(name)}
          // The keyboard of the phone stays where it is: the screen keeps the focus.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => handle.current?.type(sends)}
        >
          {label}
        </UnstyledButton>
      ))}
    </div>
  );
}
