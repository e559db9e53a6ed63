/** The recorder as one CommonJS file, as `electron -r` requires it: Electron's Node need not know TypeScript. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** The file's path, in the given folder. */
export async function bundleRecorder(folder: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('.', import.meta.url)),
    build: {
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      target: 'es2024',
      lib: {
        entry: fileURLToPath(new URL('preloaded.ts', import.meta.url)),
        formats: ['cjs'],
        fileName: () => 'recorder.cjs',
      },
      rolldownOptions: { external: ['electron', /^node:/] },
    },
  });
  return join(folder, 'recorder.cjs');
}
