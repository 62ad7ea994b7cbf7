// Keeps the dashboard's own files for times without the server, and shows push messages. It never sees data: whatever
// is not one of these files goes past it. The build fills in what is in capitals (see vite.config.ts).
const BUILD = '__BUILD__';
const FILES = __FILES__;
const CACHE = `talome-${BUILD}`;
const DATA = /^\/(api|v1|v2|mcp|ws|invoke)(\/|$)/;
const PATIENCE_MS = 4_000;

self.addEventListener('install', (event) => {
  // Named files never change, so the browser's own cache will do; the shell must be the one of this build.
  const wanted = ['/', ...FILES].map((file) => new Request(file, { cache: file === '/' ? 'reload' : 'default' }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(wanted)));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(takeOver());
});

async function takeOver() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith('talome-') && name !== CACHE).map((name) => caches.delete(name)));
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

// A new version waits until somebody asks for it; a page in use must not lose its files.
self.addEventListener('message', (event) => {
  if (event.data === 'take-over') void self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (DATA.test(url.pathname) || request.headers.has('range')) return;
  if (request.mode === 'navigate') event.respondWith(page(event));
  else if (url.pathname.startsWith('/assets/')) event.respondWith(asset(request));
});

/** The server's page; the kept shell where it does not answer in time, or something in front of it says that it is away. */
async function page(event) {
  const shell = async () => (await caches.match('/', { cacheName: CACHE })) ?? Response.error();
  const fromServer = (async () => (await event.preloadResponse) ?? fetch(event.request))();
  const tooLate = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null));
  try {
    const response = await Promise.race([fromServer, tooLate]);
    return response === null || response.status >= 500 ? await shell() : response;
  } catch {
    return shell();
  }
}

async function asset(request) {
  const known = await caches.match(request);
  if (known !== undefined) return known;
  const response = await fetch(request);
  if (response.ok) {
    const cache = await caches.open(CACHE);
    await cache.put(request, response.clone());
  }
  return response;
}

self.addEventListener('push', (event) => {
  let told = {};
  try {
    told = event.data?.json() ?? {};
  } catch {
    // A message that cannot be read must be shown all the same, or the browser takes the right away; one is enough.
    told = { tag: 'unreadable' };
  }
  const { title, body, link, tag, at } = told;
  const options = {
    body: typeof body === 'string' ? body : '',
    icon: '/icons/icon-192.png',
    badge: '/icons/badge-96.png',
    data: { link },
    timestamp: Date.parse(at) || Date.now(),
    ...(typeof tag === 'string' && tag !== '' ? { tag, renotify: true } : {}),
  };
  event.waitUntil(self.registration.showNotification(typeof title === 'string' && title !== '' ? title : 'Talome', options));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data?.link));
});

/** Goes to a page of ours: in a window that is open, else in a new one. */
async function show(link) {
  const url = new URL(typeof link === 'string' ? link : '/', self.location.origin);
  const path = url.origin === self.location.origin ? `${url.pathname}${url.search}` : '/';
  const [open] = await self.clients.matchAll({ type: 'window' });
  if (open === undefined) return self.clients.openWindow(path);
  open.postMessage({ open: path });
  return open.focus();
}
