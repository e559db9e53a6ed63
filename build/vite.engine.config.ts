/**
 * How the engine's programs are bundled, over what the compiler made of their entries: hundreds of modules that are loaded
 * one by one take longer to start than small work takes to do.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * An import of a module of Node's touches all that it offers, and with `crypto` or `util` loads a dozen others: 15 ms and 1 MB
 * for the process and for each of its threads.
 */
const nodeUntouched: Plugin = {
  name: 'node-untouched',
  renderChunk: (code) =>
    code.replace(
      /^import \{([^}]*)\} from "(node:[^"]+)";$/gm,
      (_, names: string, module: string) =>
        `const {${names.replaceAll(' as ', ': ')}} = process.getBuiltinModule("${module}");`,
    ),
};

export default defineConfig({
  root: folder('../engine'),
  publicDir: false,
  plugins: [nodeUntouched],
  ssr: { noExternal: ['valibot'] },
  build: {
    ssr: true,
    outDir: folder('out/engine'),
    emptyOutDir: false,
    target: 'es2024',
    minify: false,
    rolldownOptions: {
      input: {
        'cli/main': folder('../engine/cli/main.ts'),
        'worker/entry': folder('../engine/worker/entry.ts'),
        'worker/thread': folder('../engine/worker/thread.ts'),
      },
      output: { entryFileNames: '[name].js', chunkFileNames: 'parts/[name]-[hash].js' },
    },
  },
});
