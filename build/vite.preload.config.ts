/** How the preload is built: a sandboxed one is a single CommonJS file, and has only Electron to require. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: folder('../electron'),
  publicDir: false,
  build: {
    outDir: folder('out/electron'),
    emptyOutDir: false,
    target: 'es2024',
    minify: false,
    lib: { entry: folder('../electron/preload.ts'), formats: ['cjs'], fileName: () => 'preload.cjs' },
    rolldownOptions: { external: ['electron'] },
  },
});
