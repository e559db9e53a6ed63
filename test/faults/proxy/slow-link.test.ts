import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type SlowLink, slowLink } from './slow-link.ts';

let server: Server;
let link: SlowLink;
afterEach(async () => {
  await link.close();
  server.close();
});

async function serve(onSocket: (socket: Socket) => void, roundTripMs: number): Promise<Socket> {
  server = createServer(onSocket).listen(0, '127.0.0.1');
  await once(server, 'listening');
  link = await slowLink((server.address() as AddressInfo).port, { roundTripMs, windowBytesMax: 200_000 });
  return connect(link.port, '127.0.0.1');
}

it('brings every byte in order, and the end after the last', async () => {
  const sent = Buffer.alloc(3_000_000, 'every byte of it');
  const received: Buffer[] = [];
  const client = await serve((socket) => socket.end(sent), 2);
  for await (const chunk of client as AsyncIterable<Buffer>) received.push(chunk);
  expect(Buffer.concat(received).equals(sent)).toBe(true);
});

it('takes a round trip to connect and one to answer, never less', async () => {
  const client = await serve((socket) => socket.on('data', (bytes) => socket.write(bytes)), 60);
  const beganMs = performance.now();
  client.write('ping');
  await once(client, 'data');
  const connectedMs = performance.now();
  client.write('ping');
  await once(client, 'data');
  expect(connectedMs - beganMs).toBeGreaterThanOrEqual(118);
  expect(performance.now() - connectedMs).toBeGreaterThanOrEqual(58);
  client.destroy();
});
