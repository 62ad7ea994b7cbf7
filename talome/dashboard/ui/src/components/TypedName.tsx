import { TextInput } from '@mantine/core';

interface Props {
  label: string;
  value: string;
  autoFocus?: boolean;
  onChange: (value: string) => void;
}

/** A name that somebody types to show that they mean it. */
export function TypedName({ label, value, autoFocus, onChange }: Props) {
  return (
    <TextInput
      label={label}
      value={value}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      data-autofocus={autoFocus}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** A telephone begins with a capital and ends with a blank: neither says that another thing was meant. */
export const isTyped = (typed: string, name: string): boolean => typed.trim().toLowerCase() === name.trim().toLowerCase();
