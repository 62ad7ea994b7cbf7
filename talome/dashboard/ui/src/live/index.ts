import { useSyncExternalStore } from 'react';
import { endSession } from '@/api/session';
import { type Connection, LiveSocket } from './socket';

const url = `${window.location.protocol === 'https:' ? 'wss' : 'ws'}://${window.location.host}/api/ws`;

export const live = new LiveSocket(url, () => endSession('expired'));

const subscribe = (listener: () => void) => live.onConnection(listener);

export function useConnection(): Connection {
  return useSyncExternalStore(subscribe, () => live.connection);
}
