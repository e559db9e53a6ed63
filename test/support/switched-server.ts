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
  /** Four requests of ten are hung up on, but for those about locks. */
  isRough: boolean;
  /** Set: the next request of which this is true is carried out, its answer is lost, and from then on it is rough. */
  roughensAt: ((method: string, path: string) => boolean) | undefined;
  location(path: string, credentials?: string): string;
  close(): Promise<void>;
}

export async function startSwitchedServer(options: RestServerOptions = {}): Promise<SwitchedServer> {
  const server = await startRestServer(options);
  const { port } = new URL(server.location().slice('rest:'.length));
  const switched = {
    isOn: true,
    isRough: false,
    roughensAt: undefined as SwitchedServer['roughensAt'],
    asked: [] as string[],
  };
  let count = 0;
  const front = createServer((incoming, answer) => {
    const { method = '', url = '', headers } = incoming;
    switched.asked.push(`${method} ${url}`);
    if (switched.isRough && !url.includes('/locks/') && [0, 3, 4, 7].includes(count++ % 10))
      return void incoming.socket.destroy();
    if (!switched.isOn) return void incoming.socket.destroy();
    const isLast = switched.roughensAt?.(method, url) === true;
    if (isLast) Object.assign(switched, { isRough: true, roughensAt: undefined });
    const passed = request({ host: '127.0.0.1', port, method, path: url, headers }, (theirs) => {
      if (isLast) return void incoming.socket.destroy();
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
