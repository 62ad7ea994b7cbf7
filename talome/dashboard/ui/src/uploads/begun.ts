import { useSyncExternalStore } from 'react';

/** This small part is always loaded; what uploads and shows them only comes once there is something to upload. */
let begun = false;
const listeners = new Set<() => void>();

export const keptAs = (user: string): string => `talome.uploads.${user}`;

export function begin(): void {
  begun = true;
  for (const listener of listeners) listener();
}

const listen = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

function wasBegun(user: string): boolean {
  try {
    return localStorage.getItem(keptAs(user)) !== null;
  } catch {
    return false;
  }
}

/** Whether there is anything to show of uploads: in this tab, or left over from before it was loaded again. */
export const useBegun = (user: string): boolean => useSyncExternalStore(listen, () => begun || wasBegun(user));
