/**
 * A server on loopback that answers with exactly the bytes it is told to, true or not, and keeps what it was sent.
 * For tests of clients that must not be fooled.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface RawServer {
  readonly port: number;
  /** The head of each request, in order. */
  readonly heads: string[];
  /** Of all connections together. */
  readonly receivedBytes: number;
  readonly connections: number;
  close(): Promise<void>;
}

/** `answer` is called when a request's head and body have come, with its number from 0. */
export async function rawServer(
  answer: (socket: Socket, head: string, at: number) => void,
): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const heads: string[] = [];
  let receivedBytes = 0;
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let pending = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      receivedBytes += bytes.length;
      pending = Buffer.concat([pending, bytes]);
      for (;;) {
        const end = pending.indexOf('\r\n\r\n');
        if (end < 0) return;
        const head = pending.subarray(0, end).toString('latin1');
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
        if (pending.length < end + 4 + length) return;
        pending = pending.subarray(end + 4 + length);
        answer(socket, head, heads.push(head) - 1);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    heads,
    get receivedBytes() {
      return receivedBytes;
    },
    get connections() {
      return connections;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A whole answer with a true `Content-Length`. */
export function answerOf(
  status: number,
  body: string | Buffer = '',
  headers: readonly string[] = [],
): Buffer {
  const bytes = Buffer.from(body as string);
  const head = [`HTTP/1.1 ${status} Said`, `Content-Length: ${bytes.length}`, ...headers, '', ''];
  return Buffer.concat([Buffer.from(head.join('\r\n')), bytes]);
}
