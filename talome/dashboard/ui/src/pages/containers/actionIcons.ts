import { IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconRefresh, type TablerIcon } from '@tabler/icons-react';
import type { Action } from '@/domain/useContainerActions';

export const ACTION_ICONS: Record<Action, TablerIcon> = {
  start: IconPlayerPlay,
  stop: IconPlayerStop,
  restart: IconRefresh,
  pause: IconPlayerPause,
  unpause: IconPlayerPlay,
};
