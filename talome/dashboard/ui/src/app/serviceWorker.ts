import { dropForeignPush } from './ownPush';
import { lookForUpdate } from './update';

const supported = () => window.isSecureContext && 'serviceWorker' in navigator && !import.meta.env.DEV;

/** The worker as soon as it is at work; null where there is none, or none comes up in time. */
export async function workerReady(timeoutMs: number): Promise<ServiceWorkerRegistration | null> {
  if (!supported()) return null;
  const tooLate = new Promise<null>((resolve) => window.setTimeout(() => resolve(null), timeoutMs));
  return Promise.race([navigator.serviceWorker.ready, tooLate]);
}

let open: (path: string) => void = () => undefined;
let started = false;

/** Keeps the shell for times without the server, and shows push messages. `navigate` goes to one of our pages. */
export async function startServiceWorker(navigate: (path: string) => void): Promise<void> {
  open = navigate;
  if (!supported() || started) return;
  started = true;
  navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<{ open?: unknown } | null>) => {
    if (typeof data?.open === 'string' && data.open.startsWith('/')) open(data.open);
  });
  try {
    watch(await navigator.serviceWorker.register('/sw.js', { scope: '/', updateViaCache: 'none' }));
    await dropForeignPush();
  } catch {
    // Storage is off, or the server is away: the dashboard works without a worker, and the next visit tries again.
    started = false;
  }
}

function watch(registration: ServiceWorkerRegistration): void {
  const look = async () => {
    // Without a controller this is the first visit, and the worker that comes up is no update.
    if (navigator.serviceWorker.controller === null) return;
    // A page that was reloaded has the new version already; only its worker is behind.
    if ((await lookForUpdate()) === false) registration.waiting?.postMessage('take-over');
  };
  const follow = (coming: ServiceWorker | null) =>
    coming?.addEventListener('statechange', () => coming.state === 'installed' && void look());
  if (registration.waiting !== null) void look();
  follow(registration.installing);
  registration.addEventListener('updatefound', () => follow(registration.installing));
}

const PATIENCE_MS = 5_000;

/**
 * Has the worker of the new version take over where it is ready, so that the page loads with its own files. One that is
 * still on its way does so later, since the reloaded page looks again: nobody waits for the whole dashboard to arrive.
 */
export async function takeOver(): Promise<void> {
  if (!supported()) return;
  const waiting = (await navigator.serviceWorker.getRegistration())?.waiting;
  if (!waiting) return;
  const taken = new Promise<void>((resolve) => {
    navigator.serviceWorker.addEventListener('controllerchange', () => resolve(), { once: true });
    window.setTimeout(resolve, PATIENCE_MS);
  });
  waiting.postMessage('take-over');
  await taken;
}
