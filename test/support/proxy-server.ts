/**
 * A real small HTTP proxy on loopback: it forwards requests that name a whole URL, and opens tunnels. Every name is
 * this machine to it, so that tests can go through it: to 127.0.0.1 nobody asks a proxy.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ProxyServer {
  readonly port: number;
  /** Method and target of each request: a whole URL, or a name and a port. */
  readonly asked: string[];
  readonly connections: number;
  close(): Promise<void>;
}

/** With a `login` (`user:password`), it refuses who does not bring it. */
export async function startProxy(login?: string): Promise<ProxyServer> {
  const asked: string[] = [];
  const sockets = new Set<Duplex>();
  let connections = 0;
  const isLetIn = ({ headers }: IncomingMessage): boolean =>
    login === undefined ||
    headers['proxy-authorization'] === `Basic ${Buffer.from(login).toString('base64')}`;
  const server = createServer((incoming, response) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    if (isLetIn(incoming)) forward(incoming, response);
    else response.writeHead(407, { 'Proxy-Authenticate': 'Basic' }).end();
  });
  server.on('connection', (socket: Socket) => {
    connections++;
    track(sockets, socket);
  });
  server.on('connect', (incoming: IncomingMessage, near: Duplex) => {
    asked.push(`CONNECT ${incoming.url}`);
    if (!isLetIn(incoming)) return void near.end('HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n');
    const far = connect(Number(/:(\d+)$/.exec(incoming.url ?? '')?.[1]), '127.0.0.1', () => {
      near.write('HTTP/1.1 200 Here you are\r\n\r\n');
      near.pipe(far).pipe(near);
    });
    track(sockets, far);
    far.on('close', () => near.destroy());
    near.on('close', () => far.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    asked,
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

function forward(incoming: IncomingMessage, response: ServerResponse): void {
  const { port, pathname, search } = new URL(incoming.url ?? '');
  const { 'proxy-authorization': _, 'proxy-connection': __, ...headers } = incoming.headers;
  const options = { host: '127.0.0.1', port, path: pathname + search, method: incoming.method, headers };
  const onward = request(options, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  incoming.pipe(onward);
}

function track(sockets: Set<Duplex>, socket: Duplex): void {
  sockets.add(socket);
  socket.on('error', () => undefined);
  socket.on('close', () => sockets.delete(socket));
}
