/** Waiting in the middle of a connection: the end of the connection ends it. */
import type { Socket } from 'node:net';

export async function pause(ms: number, socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      socket.off('close', end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(ms, 2 ** 31 - 1));
    socket.once('close', end);
    if (socket.destroyed) end();
  });
}
