/** Stands before a real server and counts what is sent: which files it acknowledged, and what of them came again. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CountingProxy {
  readonly port: number;
  /** Bytes of packs that came after their name had been acknowledged. */
  readonly bytesAgain: number;
  readonly packsStored: number;
  /** Resolves when something comes to be stored, for the first time since `forget`. */
  readonly firstWrite: Promise<void>;
  /** Requests that are cut off instead of being passed on: `POST /r/snapshots/…`. */
  cutOff: (request: string) => boolean;
  forget(): void;
  close(): Promise<void>;
}

export async function startCountingProxy(serverPort: number): Promise<CountingProxy> {
  const acknowledged = new Set<string>();
  let bytesAgain = 0;
  let cutOff = (_request: string): boolean => false;
  let firstWrite = Promise.withResolvers<void>();
  const server = createServer((asked, answer) => {
    const { method, url = '', headers } = asked;
    if (cutOff(`${method} ${url}`)) return void asked.destroy();
    if (method === 'POST') firstWrite.resolve();
    const isPack = method === 'POST' && url.includes('/data/');
    if (isPack && acknowledged.has(url)) asked.on('data', (piece: Buffer) => (bytesAgain += piece.length));
    const to = request({ host: '127.0.0.1', port: serverPort, method, path: url, headers }, (from) => {
      const { statusCode = 502 } = from;
      answer.writeHead(statusCode, from.headers);
      from.pipe(answer);
      // Heard by the client, as far as can be known here.
      if (isPack && statusCode < 300) answer.on('finish', () => acknowledged.add(url));
    });
    to.on('error', () => answer.destroy());
    asked.on('error', () => to.destroy());
    answer.on('close', () => to.destroy());
    asked.pipe(to);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get bytesAgain() {
      return bytesAgain;
    },
    get packsStored() {
      return acknowledged.size;
    },
    get firstWrite() {
      return firstWrite.promise;
    },
    set cutOff(isCut: (request: string) => boolean) {
      cutOff = isCut;
    },
    forget() {
      acknowledged.clear();
      bytesAgain = 0;
      firstWrite = Promise.withResolvers();
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
