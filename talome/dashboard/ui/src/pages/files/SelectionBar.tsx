import { ActionIcon, Button } from '@mantine/core';
import { IconDots, IconX } from '@tabler/icons-react';
import type { Entry } from '@/domain/files';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import type { Action } from './actions';
import classes from './Files.module.css';

interface Props {
  chosen: readonly Entry[];
  actions: Action[];
  wide: boolean;
  onMore: (at: { x: number; y: number }) => void;
  onClear: () => void;
}

/** What is near at hand; the rest is behind the dots. */
const NEAR = ['download', 'share', 'move', 'delete'];

/** What is chosen, how much it is, and what can be done with it. */
export function SelectionBar({ chosen, actions, wide, onMore, onClear }: Props) {
  const size = chosen.reduce((sum, { sizeBytes, kind }) => sum + (kind === 'file' ? (sizeBytes ?? 0) : 0), 0);
  const onlyFiles = chosen.every(({ kind }) => kind === 'file');
  return (
    <div className={classes.bar} data-selection-bar role="region" aria-label={t('files.selection')}>
      <ActionIcon size={wide ? 34 : 44} aria-label={t('files.clearSelection')} onClick={onClear}>
        <IconX size={18} stroke={1.75} />
      </ActionIcon>
      <span className={classes.barWords} aria-live="polite">
        <strong>{t('files.selected', { count: chosen.length })}</strong>
        {onlyFiles && ` · ${bytes(size)}`}
      </span>
      {actions
        .filter(({ id }) => NEAR.includes(id))
        .map(({ id, label, icon: Icon, danger, run }) =>
          wide ? (
            <Button key={id} size="compact-md" variant="subtle" color={danger ? 'red' : 'gray'} leftSection={<Icon size={16} stroke={1.75} />} onClick={run}>
              {label}
            </Button>
          ) : (
            <ActionIcon key={id} size={44} color={danger ? 'red' : 'gray'} aria-label={label} onClick={run}>
              <Icon size={20} stroke={1.75} />
            </ActionIcon>
          ),
        )}
      <ActionIcon
        size={wide ? 34 : 44}
        aria-haspopup="menu"
        aria-label={t('files.more')}
        title={t('files.more')}
        onClick={(event) => {
          const { left, top } = event.currentTarget.getBoundingClientRect();
          onMore({ x: left, y: top });
        }}
      >
        <IconDots size={18} stroke={1.75} />
      </ActionIcon>
    </div>
  );
}
