/** Ports and waiting for the real servers that tests start, on loopback only. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A port that was free just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when something listens there. Throws after some seconds, or once `hasEnded` says that nothing will. */
export async function listening(port: number, hasEnded: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !hasEnded(); tries++) {
    if (await answers(port)) return;
    await sleep(20);
  }
  throw new Error(`nothing listens at port ${port}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
