import { useSyncExternalStore } from 'react';
import { api } from '@/api/client';
import { endSession } from '@/api/session';
import { type Connection, LiveSocket } from './socket';

const url = `${window.location.protocol === 'https:' ? 'wss' : 'ws'}://${window.location.host}/api/ws`;

/** An ended session refuses the socket as well; asking who we are tells, and the client acts on the answer. */
const checkSession = () => void api.GET('/api/auth/me').catch(() => undefined);

export const live = new LiveSocket(url, () => endSession('expired'), checkSession);

const subscribe = (listener: () => void) => live.onConnection(listener);

export function useConnection(): Connection {
  return useSyncExternalStore(subscribe, () => live.connection);
}
