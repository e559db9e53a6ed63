/**
 * Lets one app at a time, tray app or web host, use a folder of settings: two would write over each other and run every
 * plan twice. A socket tells who is there: unlike a file, it ends with its process, however that ends.
 */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What every Unix takes as the name of a socket. */
const socketPathCharsMax = 100;

/** A function that gives the place up; undefined where somebody else has it. */
export async function beOnlyOne(
  folder: string,
  platform = process.platform,
): Promise<(() => void) | undefined> {
  const address = socketAddress(folder, platform);
  // What was left by a crash does not answer, and is removed once.
  return (
    (await listen(address)) ?? ((await answers(address)) ? undefined : await listenAnew(address, platform))
  );
}

function socketAddress(folder: string, platform: string): string {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  if (platform === 'win32') return `\\\\.\\pipe\\slackwater-${name}`;
  const path = join(folder, 'serving');
  return path.length <= socketPathCharsMax ? path : join(tmpdir(), `slackwater-${name}`);
}

async function listenAnew(address: string, platform: string): Promise<(() => void) | undefined> {
  if (platform !== 'win32') rmSync(address, { force: true });
  return await listen(address);
}

/** Undefined where the address is taken. */
function listen(address: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => {
      server.unref();
      resolve(() => void server.close());
    });
  });
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
