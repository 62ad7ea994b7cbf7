import react from '@vitejs/plugin-react';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { filesAhead, layers } from './scripts/layers';

/** Emits src/early.js as a hashed, blocking classic script: it must run before the first paint and before React. */
function earlyScript(): Plugin {
  let building = false;
  return {
    name: 'talome-early-script',
    configResolved(config) {
      building = config.command === 'build' && config.mode !== 'test';
    },
    buildStart() {
      if (building) this.emitFile({ type: 'asset', name: 'early.js', source: readFileSync('src/early.js', 'utf8') });
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const built = Object.keys(bundle ?? {}).find((name) => name.includes('early-'));
        const attrs = bundle && built ? { src: `/${built}`, ...filesAhead(bundle) } : { src: '/src/early.js' };
        return [{ tag: 'script', attrs, injectTo: 'head' }];
      },
    },
  };
}

/** Preloads the text font, so the first words appear in their final shape. */
function preloadTextFont(): Plugin {
  return {
    name: 'talome-preload-text-font',
    transformIndexHtml: {
      order: 'post',
      handler(_html, context) {
        const font = Object.keys(context.bundle ?? {}).find((name) => name.includes('inter-latin-wght'));
        if (!font) return [];
        const attrs = { rel: 'preload', as: 'font', type: 'font/woff2', href: `/${font}`, crossorigin: true };
        return [{ tag: 'link', attrs, injectTo: 'head' }];
      },
    },
  };
}

/** The files that the dashboard needs without the server: all of it, in the letters that its texts are written in. */
const keptOffline = (names: string[]) =>
  names.filter((name) => /^assets\/.*(\.js|\.css|-latin-wght-normal-[\w-]+\.woff2)$/.test(name)).sort();

/** Names one release of the dashboard: other files or another worker, another name. */
function buildOf(names: string[], worker: string): string {
  return createHash('sha256').update(keptOffline(names).join('\n')).update(worker).digest('hex').slice(0, 16);
}

/** Emits sw.js with the files it keeps, and tells page and server which build they are. */
function serviceWorker(): Plugin {
  const source = () => readFileSync('src/sw.js', 'utf8');
  return {
    name: 'talome-service-worker',
    apply: (_, { command, mode }) => command === 'build' && mode !== 'test',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const content = buildOf(Object.keys(bundle ?? {}), source());
        return [{ tag: 'meta', attrs: { name: 'build', content }, injectTo: 'head' }];
      },
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const names = Object.keys(bundle);
        const build = buildOf(names, source());
        const files = JSON.stringify(keptOffline(names).map((name) => `/${name}`));
        const worker = source().replace('__BUILD__', build).replace('__FILES__', () => files);
        this.emitFile({ type: 'asset', fileName: 'sw.js', source: worker });
        this.emitFile({ type: 'asset', fileName: 'build.json', source: JSON.stringify({ build }) });
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), earlyScript(), preloadTextFont(), layers(), serviceWorker()],
  build: {
    outDir: '../static',
    emptyOutDir: true,
    manifest: true,
    // The policy allows fonts and images from the server itself only, so nothing is inlined as data.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy: { '/api': { target: 'http://127.0.0.1:4000', ws: true } } },
  test: { include: ['src/**/*.test.ts'], environment: 'node', setupFiles: ['src/app/texts.ts'] },
});
