import { ActionIcon, NativeSelect, Popover, Switch, TextInput } from '@mantine/core';
import { IconAdjustmentsHorizontal, IconChevronDown, IconChevronUp, IconDownload, IconRegex, IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { t } from '@/i18n';
import { whole } from '@/i18n/format';
import type { LogModel } from './model';
import classes from './Logs.module.css';
import { type LogSettings, SINCE, tailLabel, TAILS } from './settings';

interface Props {
  model: LogModel;
  settings: LogSettings;
  onChange: (change: Partial<LogSettings>) => void;
  /** Brings a line into view. */
  onShow: (seq: number) => void;
  onDownload: () => void;
}

const TYPING_MS = 120;

export function LogToolbar({ model, settings, onChange, onShow, onDownload }: Props) {
  return (
    <div className={classes.toolbar}>
      <SearchField model={model} onShow={onShow} />
      <NativeSelect
        className={classes.since}
        aria-label={t('logs.since')}
        value={settings.sinceMinutes}
        onChange={(event) => onChange({ sinceMinutes: Number(event.currentTarget.value) })}
        data={SINCE.map(([minutes, key]) => ({ value: String(minutes), label: t(key) }))}
      />
      <Popover position="bottom-end" trapFocus returnFocus>
        <Popover.Target>
          <ActionIcon variant="default" size={36} className={classes.tool} aria-label={t('logs.options')}>
            <IconAdjustmentsHorizontal size={18} stroke={1.75} />
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown aria-label={t('logs.options')} className={classes.options}>
          <NativeSelect
            label={t('logs.tail')}
            value={settings.tail}
            onChange={(event) => onChange({ tail: Number(event.currentTarget.value) })}
            data={TAILS.map((count) => ({ value: String(count), label: tailLabel(count) }))}
          />
          <Switch
            label={t('logs.timestamps')}
            checked={settings.timestamps}
            onChange={(event) => onChange({ timestamps: event.currentTarget.checked })}
          />
          <Switch
            label={t('logs.wrap')}
            checked={settings.wrap}
            onChange={(event) => onChange({ wrap: event.currentTarget.checked })}
          />
        </Popover.Dropdown>
      </Popover>
      <ActionIcon
        variant="default"
        size={36}
        className={classes.tool}
        aria-label={t('logs.download')}
        title={t('logs.download')}
        onClick={onDownload}
      >
        <IconDownload size={18} stroke={1.75} />
      </ActionIcon>
    </div>
  );
}

function SearchField({ model, onShow }: Pick<Props, 'model' | 'onShow'>) {
  const [text, setText] = useState('');
  const [regex, setRegex] = useState(false);
  const [current, setCurrent] = useState<number | null>(null);
  const { matches } = model;

  useEffect(() => {
    const timer = window.setTimeout(() => {
      model.search({ text, regex });
      setCurrent(null);
    }, TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [model, text, regex]);

  const position = current === null ? -1 : matches.indexOf(current);
  const step = (direction: 1 | -1) => {
    if (matches.length === 0) return;
    // The first step goes to the newest match: that is the one in view while the log is followed.
    const next = position < 0 ? matches.length - 1 : (position + direction + matches.length) % matches.length;
    const seq = matches[next];
    if (seq === undefined) return;
    setCurrent(seq);
    onShow(seq);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      step(event.shiftKey ? 1 : -1);
    } else if (event.key === 'Escape' && text !== '') setText('');
  };
  return (
    <div className={classes.searchGroup}>
      <TextInput
        className={classes.search}
        size="sm"
        type="search"
        aria-label={t('logs.search')}
        placeholder={t('logs.search')}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        error={model.invalid ? t('logs.badRegex') : null}
        leftSection={<IconSearch size={16} stroke={1.75} />}
        rightSection={
          <ActionIcon
            size={28}
            variant={regex ? 'light' : 'subtle'}
            color={regex ? 'leaf' : 'gray'}
            aria-pressed={regex}
            aria-label={t('logs.regex')}
            title={t('logs.regex')}
            onClick={() => setRegex(!regex)}
          >
            <IconRegex size={16} stroke={1.75} />
          </ActionIcon>
        }
        spellCheck={false}
        autoComplete="off"
      />
      {text !== '' && !model.invalid && (
        <>
          <span className={classes.matchCount} role="status">
            {matches.length === 0
              ? t('logs.noMatches')
              : position < 0
                ? whole(matches.length)
                : t('logs.matches', { current: position + 1, count: matches.length })}
          </span>
          <ActionIcon aria-label={t('logs.previous')} disabled={matches.length === 0} onClick={() => step(-1)}>
            <IconChevronUp size={18} stroke={1.75} />
          </ActionIcon>
          <ActionIcon aria-label={t('logs.next')} disabled={matches.length === 0} onClick={() => step(1)}>
            <IconChevronDown size={18} stroke={1.75} />
          </ActionIcon>
        </>
      )}
    </div>
  );
}
