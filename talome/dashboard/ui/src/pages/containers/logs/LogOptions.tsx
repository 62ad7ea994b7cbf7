import { ActionIcon, NativeSelect, Popover, Switch } from '@mantine/core';
import { IconAdjustmentsHorizontal } from '@tabler/icons-react';
import { t } from '@/i18n';
import type { LeastLevel } from './level';
import classes from './Logs.module.css';
import { levelChoices, type LogSettings, narrowed, sinceChoices, streamChoices, tailChoices, timesChoices } from './settings';
import type { Times } from './time';

interface Props {
  settings: LogSettings;
  onChange: (change: Partial<LogSettings>) => void;
}

/** What is read, which of it is shown, and how. All of it is remembered. */
export function LogOptions({ settings, onChange }: Props) {
  return (
    <Popover position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon
          variant={narrowed(settings) ? 'light' : 'default'}
          color={narrowed(settings) ? 'leaf' : 'gray'}
          size={36}
          className={classes.tool}
          aria-label={t(narrowed(settings) ? 'logs.optionsNarrowed' : 'logs.options')}
        >
          <IconAdjustmentsHorizontal size={18} stroke={1.75} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('logs.options')} className={classes.options}>
        <NativeSelect
          label={t('logs.since')}
          value={settings.sinceMinutes}
          onChange={(event) => onChange({ sinceMinutes: Number(event.currentTarget.value) })}
          data={sinceChoices()}
        />
        <NativeSelect
          label={t('logs.tail')}
          value={settings.tail}
          onChange={(event) => onChange({ tail: Number(event.currentTarget.value) })}
          data={tailChoices()}
        />
        <NativeSelect
          label={t('logs.levels')}
          value={settings.level}
          onChange={(event) => onChange({ level: event.currentTarget.value as LeastLevel })}
          data={levelChoices()}
        />
        <NativeSelect
          label={t('logs.streams')}
          value={settings.stream}
          onChange={(event) => onChange({ stream: event.currentTarget.value as LogSettings['stream'] })}
          data={streamChoices()}
        />
        <NativeSelect
          label={t('logs.timestamps')}
          value={settings.times}
          onChange={(event) => onChange({ times: event.currentTarget.value as Times })}
          data={timesChoices()}
        />
        <Switch label={t('logs.wrap')} checked={settings.wrap} onChange={(event) => onChange({ wrap: event.currentTarget.checked })} />
        <dl className={classes.keys}>
          {KEYS.map(([key, text]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{t(text)}</dd>
            </div>
          ))}
        </dl>
      </Popover.Dropdown>
    </Popover>
  );
}

const KEYS = [
  ['/', 'logs.keySearch'],
  ['n N', 'logs.keyNext'],
  ['f End', 'logs.keyFollow'],
  ['w', 'logs.keyWrap'],
  ['t', 'logs.keyTimes'],
  ['c', 'logs.keyCopy'],
] as const;
