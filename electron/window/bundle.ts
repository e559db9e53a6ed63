/**
 * The window's files under `app://`: only what lies in the bundle's folder, each with the policy that keeps the page
 * from anything else. Everything that is not a plain path into the bundle is refused.
 */
import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

export const scheme = 'app';
export const origin = `${scheme}://slackwater`;

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

const headers = { 'content-security-policy': policy, 'x-content-type-options': 'nosniff' };

/** Status 200 with the file, or 404 without a reason: for another host, method or folder, and for what is not there. */
export async function answerFromBundle(folder: string, request: Request): Promise<Response> {
  const path = request.method === 'GET' ? pathInBundle(request.url) : undefined;
  const type = path === undefined ? undefined : types[extname(path)];
  if (path === undefined || type === undefined) return notFound();
  try {
    const root = await realpath(folder);
    const file = await realpath(join(root, path));
    if (!file.startsWith(root + sep)) return notFound();
    return new Response(await readFile(file), { headers: { ...headers, 'content-type': type } });
  } catch {
    return notFound();
  }
}

/** Relative to the bundle; undefined for what is no plain path of ours. */
export function pathInBundle(url: string): string | undefined {
  if (url !== origin && !url.startsWith(`${origin}/`)) return undefined;
  const [encoded = ''] = url.slice(origin.length).split(/[?#]/);
  const path = decoded(encoded);
  if (path === undefined) return undefined;
  if (path === '' || path === '/') return 'index.html';
  const parts = path.slice(1).split('/');
  return parts.every((part) => /^[\w@-][\w@.-]*$/.test(part)) ? parts.join('/') : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function notFound(): Response {
  return new Response('', { status: 404, headers });
}
