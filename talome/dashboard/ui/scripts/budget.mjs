// Compares what a browser loads first with the budgets, from the manifest that the build leaves behind.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const STATIC = new URL('../../static/', import.meta.url);
const KB = 1024;
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', STATIC), 'utf8'));
const sizes = new Map();

/** Size of one built file after gzip, in bytes. */
function gzipped(file) {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(new URL(file, STATIC)), { level: 9 }).length);
  return sizes.get(file);
}

/** Every file that loading these entries brings with it, without what they load later. */
function load(keys) {
  const files = { js: new Set(), css: new Set() };
  const seen = new Set();
  const visit = (key) => {
    const chunk = manifest[key];
    if (!chunk || seen.has(key)) return;
    seen.add(key);
    files.js.add(chunk.file);
    for (const css of chunk.css ?? []) files.css.add(css);
    for (const imported of chunk.imports ?? []) visit(imported);
  };
  keys.forEach(visit);
  return files;
}

const sum = (files) => [...files].reduce((total, file) => total + gzipped(file), 0) / KB;

/** Where a module went: an entry of its own, or the layer that scripts/layers.ts put it into. */
const placeOf = (module, layer) => (manifest[module] ? module : Object.keys(manifest).find((key) => key.startsWith(`_${layer}-`) && key.endsWith('.js')));

const start = placeOf('src/app/start.tsx', 'home');
const loads = [
  { name: 'sign-in', keys: ['index.html', placeOf('src/gate/start.tsx', 'gate')], js: 110, css: 30 },
  { name: 'home', keys: ['index.html', start, placeOf('src/pages/home/HomePage.tsx', 'home')], js: 220, css: 30 },
];

let over = false;
const report = (label, size, limit) => {
  const tooLarge = size > limit;
  over ||= tooLarge;
  console.log(`${label.padEnd(28)} ${size.toFixed(1).padStart(7)} KB gz   limit ${limit}${tooLarge ? '   OVER' : ''}`);
};

for (const { name, keys, js, css } of loads) {
  const missing = keys.filter((key) => !manifest[key]);
  if (missing.length > 0) throw new Error(`not in the manifest: ${missing.join(', ')}`);
  const files = load(keys);
  report(`${name}: scripts`, sum(files.js), js);
  report(`${name}: styles`, sum(files.css), css);
}

const shell = load(['index.html', start]).js;
const pages = Object.keys(manifest).filter((key) => /^src\/pages\/.*Page\.tsx$/.test(key));
for (const key of pages) {
  const added = [...load([key]).js].filter((file) => !shell.has(file));
  report(`+ ${manifest[key].name}`, sum(added), 35);
}
process.exit(over ? 1 : 0);
