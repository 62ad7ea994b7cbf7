// Runs before anything else (see vite.config.ts).
(() => {
  // The policy accepts a <style> element only with this page's nonce. Some libraries create one without it.
  const nonce = document.querySelector('meta[name="csp-nonce"]')?.getAttribute('content');
  const create = document.createElement;
  document.createElement = function (name, options) {
    const element = create.call(this, name, options);
    if (nonce && String(name).toLowerCase() === 'style') element.setAttribute('nonce', nonce);
    return element;
  };

  // The colour scheme is set before the first paint, so a dark room is never lit up by a white flash.
  let scheme = null;
  try {
    scheme = localStorage.getItem('talome.scheme');
  } catch {
    // Storage is switched off in this browser: follow the system.
  }
  if (scheme !== 'light' && scheme !== 'dark') scheme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  document.documentElement.setAttribute('data-mantine-color-scheme', scheme);

  // What the page will ask for is fetched at once, beside the script that asks for it (see scripts/layers.ts).
  let signedIn = false;
  try {
    signedIn = localStorage.getItem('talome.proof') !== null;
  } catch {
    // As above: nobody stays signed in here.
  }
  const { home, signIn } = document.currentScript.dataset;
  for (const href of (signedIn ? home : signIn)?.split(' ') ?? []) {
    const link = document.createElement('link');
    const kind = href.endsWith('.css') ? { rel: 'preload', as: 'style' } : { rel: 'modulepreload' };
    document.head.append(Object.assign(link, kind, { href }));
  }

  // After an update the old chunks are gone: load the new page once, but never in a loop and never while offline.
  addEventListener('vite:preloadError', (event) => {
    const last = Number(sessionStorage.getItem('talome.reloadedAt') ?? 0);
    if (!navigator.onLine || Date.now() - last < 10_000) return;
    sessionStorage.setItem('talome.reloadedAt', String(Date.now()));
    event.preventDefault();
    location.reload();
  });
})();
