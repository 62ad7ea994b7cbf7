import { api, unwrap } from '@/api/client';

const here = async (): Promise<PushSubscription | null> => {
  if (!('serviceWorker' in navigator)) return null;
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager?.getSubscription()) ?? null;
};

/** Whoever signs out leaves no messages behind on this device. */
export async function leavePush(): Promise<void> {
  try {
    const subscription = await here();
    if (subscription === null) return;
    await subscription.unsubscribe();
    await unwrap(api.DELETE('/api/push', { params: { query: { endpoint: subscription.endpoint } } }));
  } catch {
    // The push service says to the server that this device is gone, if nobody else could.
  }
}

/** Messages that somebody else turned on here, and never turned off, are not for the person who is signed in now. */
export async function dropForeignPush(): Promise<void> {
  try {
    const subscription = await here();
    if (subscription === null) return;
    const { endpoint } = subscription;
    const { subscriptions } = await unwrap(api.GET('/api/push', { params: { query: { endpoint } } }));
    if (!subscriptions.some(({ current }) => current)) await subscription.unsubscribe();
  } catch {
    // The next start looks again.
  }
}
