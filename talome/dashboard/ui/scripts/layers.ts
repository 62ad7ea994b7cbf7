import { fileURLToPath, URL } from 'node:url';
import { build, type Plugin, type Rolldown, type UserConfig } from 'vite';

const source = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** What is fetched to show the sign-in page, and what to show Home. */
const SIGN_IN = ['index.html', 'src/gate/start.tsx'].map(source);
const HOME = ['index.html', 'src/app/start.tsx', 'src/pages/home/HomePage.tsx', 'src/pages/home/Activity.tsx'].map(source);
const FROM_PACKAGES = /node_modules[\\/]/;
const ICONS = /node_modules[\\/]@tabler[\\/]/;

/** The chunks that hold these modules, and every chunk that comes with them: not what they load later. */
function together(chunks: Rolldown.OutputChunk[], modules: string[]): Rolldown.OutputChunk[] {
  const byFile = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const found = new Set<Rolldown.OutputChunk>();
  const visit = (chunk: Rolldown.OutputChunk | undefined) => {
    if (chunk === undefined || found.has(chunk)) return;
    found.add(chunk);
    chunk.imports.forEach((file) => visit(byFile.get(file)));
  };
  for (const id of modules) {
    const chunk = chunks.find(({ facadeModuleId, moduleIds }) => facadeModuleId === id || moduleIds.includes(id));
    if (chunk === undefined) throw new Error(`${id} is in no chunk`);
    visit(chunk);
  }
  return [...found];
}

const modulesOf = (chunks: Rolldown.OutputChunk[]) => new Set(chunks.flatMap(({ moduleIds }) => moduleIds));

/** The scripts and styles of a built page that index.html does not name itself, as addresses. */
function filesFor(bundle: Rolldown.OutputBundle, modules: string[]): string {
  const chunks = Object.values(bundle).filter((each) => each.type === 'chunk');
  const named = together(chunks, [source('index.html')]);
  const later = together(chunks, modules).filter((chunk) => !named.includes(chunk));
  const files = later.flatMap((chunk) => [chunk.fileName, ...(chunk.viteMetadata?.importedCss ?? [])]);
  return files.map((file) => `/${file}`).join(' ');
}

/** What src/early.js fetches ahead, as attributes of its element. */
export const filesAhead = (bundle: Rolldown.OutputBundle) => ({
  'data-sign-in': filesFor(bundle, SIGN_IN),
  'data-home': filesFor(bundle, HOME),
});

/** Builds once without grouping: only after unused code has gone is it known which entry needs which module. */
async function chunksWithoutLayers(config: UserConfig): Promise<Rolldown.OutputChunk[]> {
  const built = (await build({
    configFile: false,
    logLevel: 'silent',
    resolve: config.resolve,
    build: { target: config.build?.target, write: false, minify: false, cssMinify: false, reportCompressedSize: false },
  })) as Rolldown.RolldownOutput;
  return built.output.filter((each) => each.type === 'chunk');
}

/**
 * Puts what is always fetched together into one file: otherwise each set of modules that two lazy parts happen to
 * share is a file, and Home takes forty of them.
 */
export function layers(): Plugin {
  return {
    name: 'talome-layers',
    apply: (_, { command, mode }) => command === 'build' && mode !== 'test',
    async config(config) {
      const chunks = await chunksWithoutLayers(config);
      const signIn = modulesOf(together(chunks, SIGN_IN));
      const home = modulesOf(together(chunks, HOME));
      const both = (id: string) => signIn.has(id) && home.has(id);
      const groups: Rolldown.CodeSplittingGroup[] = [
        { name: 'packages', test: (id) => id.startsWith('\0rolldown') || (both(id) && FROM_PACKAGES.test(id)), priority: 4 },
        { name: 'base', test: both, priority: 3 },
        { name: 'home', test: (id) => home.has(id), priority: 2 },
        { name: 'forms', test: (id) => signIn.has(id) && FROM_PACKAGES.test(id), priority: 2 },
        { name: 'gate', test: (id) => signIn.has(id), priority: 1 },
        { name: 'icons', test: ICONS, minShareCount: 2, priority: 1 },
      ];
      return { build: { rolldownOptions: { output: { codeSplitting: { groups } } } } };
    },
  };
}
