// Writes .br and .gz beside every text file of a folder: `node precompress.mjs FOLDER`. Old ones are replaced.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const TEXT = new Set([".css", ".html", ".ico", ".js", ".json", ".map", ".mjs", ".svg", ".txt", ".wasm", ".webmanifest", ".xml"]);
const SMALLEST = 512; // bytes; below this a packet is a packet
const WORTH_IT = 0.95; // of the size of the plain file

const folder = process.argv[2];
if (!folder) {
  console.error("usage: node precompress.mjs FOLDER");
  process.exit(2);
}

const coders = {
  ".br": (content) =>
    promisify(brotliCompress)(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
  ".gz": (content) => promisify(gzip)(content, { level: 9 }),
};

async function compress(path) {
  const content = await readFile(path);
  for (const [suffix, code] of Object.entries(coders)) {
    await rm(path + suffix, { force: true });
    if (content.length < SMALLEST) continue;
    const coded = await code(content);
    if (coded.length < content.length * WORTH_IT) await writeFile(path + suffix, coded);
  }
}

const entries = await readdir(folder, { recursive: true, withFileTypes: true });
const files = entries.filter((entry) => entry.isFile() && TEXT.has(extname(entry.name)));
await Promise.all(files.map((entry) => compress(join(entry.parentPath ?? entry.path, entry.name))));
