import type { MouseEvent } from 'react';
import type { Entry } from '@/domain/files';
import type { Drops } from '../drag';

/** What a row and a tile are told of the entry that they show. */
export interface CellProps {
  entry: Entry;
  id: string;
  chosen: boolean;
  /** The keyboard is here. */
  at: boolean;
  cut: boolean;
  /** Something is chosen, so the ticks are to be seen. */
  choosing: boolean;
  renaming: boolean;
  drops: Drops | null;
  dragged: () => string[];
  onRenamed: (entry: Entry, name: string | null) => void;
  onToggle: () => void;
  onClick: (event: MouseEvent) => void;
  onDoubleClick: () => void;
  onContextMenu: (event: MouseEvent) => void;
  onMore: (event: MouseEvent) => void;
}
