/**
 * Listings of locks that lag, for both kinds of clients: a proxy before a rest-server for restic, and a backend on the
 * same folder for ours. A new file is listed when it is `lagMs` old, one that restic removed is listed for so long.
 */
import { statSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Backend, StoredFile } from '../../engine/backend/backend.ts';

export function laggingBackend(
  backend: Backend,
  folder: string,
  { lagMs, removed }: Pick<LaggingProxy, 'lagMs' | 'removed'>,
): Backend {
  async function* list(...args: Parameters<Backend['list']>): AsyncGenerator<StoredFile> {
    for await (const file of backend.list(...args))
      if (args[0] !== 'lock' || ageMs(folder, file.name) >= lagMs) yield file;
    for (const { name, size, atMs } of args[0] === 'lock' ? removed : [])
      if (Date.now() - atMs < lagMs) yield { name, sizeBytes: size };
  }
  const wrapped: Backend = Object.create(backend, {
    list: { value: list },
    listLagFloorMs: { value: lagMs },
    connectionsMax: { get: () => backend.connectionsMax },
  });
  for (const name of ['save', 'load', 'stat', 'remove', 'create', 'close', 'makeReady'] as const)
    Object.defineProperty(wrapped, name, {
      value: (backend[name] as (() => unknown) | undefined)?.bind(backend),
    });
  return wrapped;
}

function ageMs(folder: string, name: string): number {
  try {
    return Date.now() - statSync(join(folder, 'locks', name)).mtimeMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

export interface LaggingProxy {
  readonly port: number;
  readonly lagMs: number;
  /** What restic removed. */
  readonly removed: Removed;
  close(): void;
}

/** `folder` is what the rest-server at `port` serves. */
export async function laggingProxy(port: number, folder: string, lagMs: number): Promise<LaggingProxy> {
  const removed: Removed[number][] = [];
  const server = createServer((asked, answer) => {
    const name = /\/locks\/([0-9a-f]{64})$/.exec(asked.url ?? '')?.[1];
    if (asked.method === 'DELETE' && name !== undefined) removed.push({ name, size: 200, atMs: Date.now() });
    const isList = asked.method === 'GET' && /\/locks\/$/.test(asked.url ?? '');
    forward(port, asked, answer, isList ? (body) => lagging(body, folder, lagMs, removed) : undefined);
  });
  await listening(server);
  return { port: (server.address() as AddressInfo).port, lagMs, removed, close: () => server.close() };
}

type Removed = readonly { readonly name: string; readonly size: number; readonly atMs: number }[];

function lagging(body: string, folder: string, lagMs: number, removed: Removed): string {
  const listed = JSON.parse(body) as { name: string; size: number }[];
  const ghosts = removed.filter(
    ({ name, atMs }) => Date.now() - atMs < lagMs && !listed.some((each) => each.name === name),
  );
  const old = listed.filter(({ name }) => ageMs(folder, name) >= lagMs);
  return JSON.stringify([...old, ...ghosts.map(({ name, size }) => ({ name, size }))]);
}

function forward(
  port: number,
  asked: IncomingMessage,
  answer: ServerResponse,
  change: ((body: string) => string) | undefined,
): void {
  const { method, url: path, headers } = asked;
  const passed = request({ host: '127.0.0.1', port, method, path, headers }, (got) => {
    if (change === undefined || got.statusCode !== 200) {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
      return;
    }
    const chunks: Buffer[] = [];
    got.on('data', (chunk: Buffer) => chunks.push(chunk));
    got.on('end', () => {
      const body = change(Buffer.concat(chunks).toString());
      const { 'content-length': _, ...others } = got.headers;
      answer.writeHead(200, { ...others, 'content-length': Buffer.byteLength(body) });
      answer.end(body);
    });
  });
  passed.on('error', () => answer.destroy());
  asked.pipe(passed);
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}
