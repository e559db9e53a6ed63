/**
 * The window's files: read once from the one folder they lie in, so that no path of a request ever reaches the disk.
 * Used by `web-host.ts`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

export interface BundleFile {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** By the path of their address. */
export type Bundle = ReadonlyMap<string, BundleFile>;

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** Every regular file of known type under `folder`; fails where there is no folder, or no `index.html` in it. */
export function readBundle(folder: string): Bundle {
  const bundle = new Map<string, BundleFile>();
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const contentType = contentTypes[extname(entry.name)];
    if (!entry.isFile() || contentType === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const address = `/${path.slice(folder.length).split(/[\\/]/).filter(Boolean).join('/')}`;
    bundle.set(address, { contentType, bytes: readFileSync(path) });
  }
  const page = bundle.get('/index.html');
  if (page === undefined) throw new Error(`there is no index.html in ${folder}`);
  return bundle.set('/', page);
}
