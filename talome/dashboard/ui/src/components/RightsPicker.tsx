import { Checkbox, Input } from '@mantine/core';
import { groupRights, implied } from '@/domain/rights';
import classes from './RightsPicker.module.css';

interface Props {
  label: string;
  offered: string[];
  value: string[];
  error?: string | null;
  onChange: (scopes: string[]) => void;
}

/** Rights in household words, by what they are about. Ticking a change ticks the look that it includes. */
export function RightsPicker({ label, offered, value, error, onChange }: Props) {
  const forced = new Set(value.flatMap(implied));
  const set = (scope: string, on: boolean) => {
    const added = [scope, ...implied(scope)].filter((each) => offered.includes(each));
    onChange(on ? [...new Set([...value, ...added])] : value.filter((each) => each !== scope));
  };
  return (
    <Input.Wrapper label={label} error={error} labelElement="div">
      <div className={classes.groups} role="group" aria-label={label} tabIndex={0}>
        {groupRights(offered).map(({ area, title, rights }) => (
          <fieldset key={area} className={classes.group}>
            <legend>{title}</legend>
            <div className={classes.rights}>
              {rights.map(({ scope, words }) => (
                <Checkbox
                  key={scope}
                  label={words}
                  checked={value.includes(scope) || forced.has(scope)}
                  disabled={forced.has(scope)}
                  onChange={(event) => set(scope, event.currentTarget.checked)}
                />
              ))}
            </div>
          </fieldset>
        ))}
      </div>
    </Input.Wrapper>
  );
}
