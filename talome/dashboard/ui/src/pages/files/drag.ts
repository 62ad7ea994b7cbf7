import { type DragEvent, useRef, useState } from 'react';
import { isWithin, parentOf } from '@/domain/files';

/** What is being dragged over this page. A browser hides it until it is dropped, so the page itself remembers. */
let dragged: string[] = [];

export const startDrag = (event: DragEvent, paths: string[]): void => {
  dragged = paths;
  event.dataTransfer.setData('text/plain', paths.join('\n'));
  event.dataTransfer.effectAllowed = 'copyMove';
};

export const endDrag = (): void => {
  dragged = [];
};

const hasFiles = (event: DragEvent): boolean => [...event.dataTransfer.types].includes('Files');

/** Whether what is dragged may go there: not into itself, and not where it is already. */
const mayGo = (folder: string, copy: boolean): boolean =>
  dragged.length > 0 && dragged.every((path) => !isWithin(folder, path) && (copy || parentOf(path) !== folder));

export interface Drops {
  /** Of this page: moved, or copied while Ctrl is held. */
  onPaths: (paths: string[], folder: string, copy: boolean) => void;
  /** Of this device. */
  onFiles: (transfer: DataTransfer, folder: string) => void;
}

/** Makes an element a place to drop things on. `null`: it is not one. */
export function useDrop(folder: string | null, { onPaths, onFiles }: Drops) {
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  if (folder === null) return {};
  const takes = (event: DragEvent) => hasFiles(event) || mayGo(folder, event.ctrlKey || event.metaKey);
  const leave = () => {
    depth.current = 0;
    setOver(false);
  };
  return {
    'data-over': over || undefined,
    onDragEnter: (event: DragEvent) => {
      if (!takes(event)) return;
      event.preventDefault();
      event.stopPropagation();
      depth.current += 1;
      setOver(true);
    },
    onDragOver: (event: DragEvent) => {
      if (!takes(event)) return;
      event.preventDefault();
      event.stopPropagation();
      event.dataTransfer.dropEffect = hasFiles(event) || event.ctrlKey || event.metaKey ? 'copy' : 'move';
    },
    onDragLeave: () => {
      depth.current -= 1;
      if (depth.current <= 0) leave();
    },
    onDrop: (event: DragEvent) => {
      if (!takes(event)) return;
      event.preventDefault();
      event.stopPropagation();
      leave();
      if (hasFiles(event)) onFiles(event.dataTransfer, folder);
      else onPaths(dragged, folder, event.ctrlKey || event.metaKey);
      endDrag();
    },
  };
}
