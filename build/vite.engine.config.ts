/**
 * How the engine's programs are bundled, over what the compiler made of their entries: hundreds of modules that are loaded
 * one by one take longer to start than small work takes to do.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: folder('../engine'),
  publicDir: false,
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
