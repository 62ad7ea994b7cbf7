import { api, unwrap } from '@/api/client';
import type { PushState } from '@/api/types';
import { workerReady } from '@/app/serviceWorker';

/** Whether this browser can be told anything, and if not, why. */
export type Ability = 'ready' | 'insecure' | 'install' | 'unsupported' | 'blocked';

const LOOK_MS = 1_500;
const START_MS = 10_000;
const applePhone = /iPhone|iPad/.test(navigator.userAgent);

export function ability(): Ability {
  if (!window.isSecureContext) return 'insecure';
  if (!('serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window)) {
    return applePhone && !window.matchMedia('(display-mode: standalone)').matches ? 'install' : 'unsupported';
  }
  return Notification.permission === 'denied' ? 'blocked' : 'ready';
}

async function subscription(): Promise<PushSubscription | null> {
  if (ability() !== 'ready') return null;
  const worker = await workerReady(LOOK_MS);
  return (await worker?.pushManager.getSubscription()) ?? null;
}

/** The devices of this person; the one that asks is marked. */
export async function loadPush(): Promise<PushState> {
  const endpoint = (await subscription())?.endpoint;
  return unwrap(api.GET('/api/push', { params: { query: endpoint === undefined ? {} : { endpoint } } }));
}

/** The person said no, or the browser has no push service. */
export class PushRefused extends Error {}

/** Asks the person, then the browser's push service, and tells the server. Call it from a click. */
export async function turnOn(publicKey: string, everything: boolean): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted') throw new PushRefused('permission');
  const worker = await workerReady(START_MS);
  if (worker === null) throw new PushRefused('worker');
  const known = await worker.pushManager.getSubscription();
  if (known !== null && keyOf(known) !== publicKey) await known.unsubscribe();
  const made = await worker.pushManager
    .subscribe({ userVisibleOnly: true, applicationServerKey: publicKey })
    .catch((cause: unknown) => {
      throw new PushRefused(String(cause));
    });
  await keep(made, everything);
}

/** Tells the server what this device wants to hear of. */
export async function chooseEverything(everything: boolean): Promise<void> {
  const known = await subscription();
  if (known !== null) await keep(known, everything);
}

async function keep(made: PushSubscription, everything: boolean): Promise<void> {
  const { p256dh = '', auth = '' } = made.toJSON().keys ?? {};
  await unwrap(api.POST('/api/push', { body: { endpoint: made.endpoint, keys: { p256dh, auth }, everything } }));
}

/** Ends the sending to a device; of this one the browser's part ends too. */
export async function remove(id: string, current: boolean): Promise<void> {
  await unwrap(api.DELETE('/api/push', { params: { query: { id } } }));
  if (current) await (await subscription())?.unsubscribe();
}

function keyOf(known: PushSubscription): string | null {
  const key = known.options.applicationServerKey;
  if (key === null) return null;
  const text = btoa(String.fromCharCode(...new Uint8Array(key)));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
