/** A real REST server behind a switch on loopback: switched off, it hangs up on whoever asks. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RestServer, type RestServerOptions, startRestServer } from './rest-server.ts';

export interface SwitchedServer {
  readonly server: RestServer;
  /** Requests that came, answered or not. */
  readonly asked: string[];
  isOn: boolean;
  /** Three requests of ten are hung up on, but for those about locks. */
  isRough: boolean;
  location(path: string, credentials?: string): string;
  close(): Promise<void>;
}

export async function startSwitchedServer(options: RestServerOptions = {}): Promise<SwitchedServer> {
  const server = await startRestServer(options);
  const { port } = new URL(server.location().slice('rest:'.length));
  const switched = { isOn: true, isRough: false, asked: [] as string[] };
  let count = 0;
  const front = createServer((incoming, answer) => {
    switched.asked.push(`${incoming.method} ${incoming.url}`);
    const isOfLock = incoming.url?.includes('/locks/') === true;
    if (switched.isRough && !isOfLock && [0, 3, 7].includes(count++ % 10))
      return void incoming.socket.destroy();
    if (!switched.isOn) return void incoming.socket.destroy();
    const { method, url, headers } = incoming;
    const passed = request({ host: '127.0.0.1', port, method, path: url, headers }, (theirs) => {
      answer.writeHead(theirs.statusCode ?? 500, theirs.headers);
      theirs.pipe(answer);
    });
    passed.on('error', () => incoming.socket.destroy());
    incoming.pipe(passed);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const ownPort = (front.address() as AddressInfo).port;
  return Object.assign(switched, {
    server,
    location: (path: string, credentials = '') =>
      server.location(path, credentials).replace(`:${port}/`, `:${ownPort}/`),
    async close() {
      front.closeAllConnections();
      front.close();
      await server.close();
    },
  });
}
