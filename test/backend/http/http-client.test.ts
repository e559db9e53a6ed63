import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createPlainServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpClient } from '../../../engine/backend/http/http-client.ts';
import type { HttpRequest } from '../../../engine/backend/http/http-request.ts';
import type { Trust } from '../../../engine/backend/http/trust.ts';
import { limits } from '../../../engine/base/limits.ts';
import { testCertificate } from '../../support/certificate.ts';
import { answerOf, type RawServer, rawServer } from '../../support/raw-server.ts';

let server: RawServer;
let client = new HttpClient();
const ends: (() => unknown)[] = [];

afterEach(async () => {
  await client.close();
  client = new HttpClient();
  for (const end of ends.splice(0)) await end();
});

async function serve(answer: (socket: Socket, head: string, at: number) => void): Promise<void> {
  server = await rawServer(answer);
  ends.push(() => server.close());
}

function get(more: Partial<HttpRequest> = {}): HttpRequest {
  const url = new URL(`http://127.0.0.1:${server.port}/file`);
  return { method: 'GET', url, answerBytesMax: 1_000, ...more };
}

describe('a request and its answer', () => {
  it('sends parts with their exact length, and gives back status, headers and body', async () => {
    await serve((socket) => socket.write(answerOf(200, 'hello', ['X-Odd: value'])));
    const parts = [Buffer.from('ab'), Buffer.alloc(0), Buffer.alloc(200_000, 'c')];
    const answer = await client.ask(get({ method: 'POST', parts, headers: { 'X-Mine': 'yes' } }));
    expect(answer).toMatchObject({ status: 200, headers: { 'x-odd': 'value' } });
    expect(answer.body.toString()).toBe('hello');
    expect(server.heads[0]).toMatch(/^POST \/file HTTP\/1\.1\r\n/);
    expect(server.heads[0]).toMatch(/content-length: 200002\b/i);
    expect(server.heads[0]).toMatch(/x-mine: yes/i);
    expect(server.receivedBytes).toBe(server.heads[0]!.length + 4 + 200_002);
  });

  it('uses one connection for requests that follow one another', async () => {
    await serve((socket) => socket.write(answerOf(200, 'again')));
    for (let i = 0; i < 5; i++) await client.ask(get());
    expect(server.connections).toBe(1);
    await expect
      .poll(async () => {
        client.dropIdle();
        await client.ask(get());
        return server.connections;
      })
      .toBeGreaterThan(1);
  });

  it('keeps the connections that are fast for uploads, and opens them before there are any', async () => {
    await serve((socket) => socket.write(answerOf(200)));
    const upload = (): Promise<unknown> =>
      client.ask(get({ method: 'POST', parts: [Buffer.alloc(limits.uploadBytesMin)] }));
    await client.ask(get());
    await client.makeReady(get({ method: 'HEAD' }), 3);
    expect(server.connections).toBe(4);
    await Promise.all([upload(), upload(), client.ask(get()), upload()]);
    await client.ask(get({ method: 'POST', parts: [Buffer.alloc(1_000)] }));
    expect(server.connections).toBe(4);
  });

  it('lends a connection of uploads to a question that has none, while nobody uploads', async () => {
    await serve((socket, head) => {
      if (!head.includes('slow')) socket.write(answerOf(200));
    });
    const slow = (): URL => new URL(`http://127.0.0.1:${server.port}/slow`);
    await client.ask(get());
    await client.makeReady(get({ method: 'HEAD' }), 2);
    expect(server.connections).toBe(3);
    client.ask(get({ url: slow() })).catch(() => undefined);
    await client.ask(get());
    expect(server.connections).toBe(3);
    const parts = [Buffer.alloc(limits.uploadBytesMin)];
    client.ask(get({ method: 'POST', url: slow(), parts })).catch(() => undefined);
    await client.ask(get());
    expect(server.connections).toBe(4);
  });

  it('opens none, and fails not, where nobody is', async () => {
    await serve(() => undefined);
    await server.close();
    await client.makeReady(get({ method: 'HEAD' }), 3);
  });

  it('drops connections that wait, and none that is at work', async () => {
    let finish = (): void => {};
    await serve((socket, _head, at) => {
      if (at === 0) finish = () => socket.write(answerOf(200, 'slow'));
      else socket.write(answerOf(200, 'quick'));
    });
    const slow = client.ask(get());
    await expect.poll(() => server.heads.length).toBe(1);
    await client.ask(get());
    client.dropIdle();
    finish();
    expect((await slow).body.toString()).toBe('slow');
    expect(server.connections).toBe(2);
  });

  it('tells of every byte that moves, and stops while it is told to wait', async () => {
    await serve((socket) => socket.write(answerOf(200, 'x'.repeat(500))));
    const moved = { up: 0, down: 0 };
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let told = (): void => {};
    const firstPiece = new Promise<void>((resolve) => {
      told = resolve;
    });
    const signal = Object.assign(new AbortController().signal, {
      onProgress: (bytes: number, direction: 'up' | 'down') => {
        moved[direction] += bytes;
        told();
        return direction === 'up' ? held : undefined;
      },
    });
    const parts = [Buffer.alloc(1_000_000)];
    const asked = client.ask(get({ method: 'POST', parts, signal }));
    await firstPiece;
    await new Promise((resolve) => setImmediate(resolve));
    expect(moved.up).toBeLessThan(200_000);
    letGo();
    await asked;
    expect(moved).toEqual({ up: 1_000_000, down: 500 });
  });

  it('follows no redirect', async () => {
    await serve((socket) => socket.write(answerOf(302, '', ['Location: /elsewhere'])));
    expect((await client.ask(get())).status).toBe(302);
    expect(server.heads).toHaveLength(1);
  });

  it('hears a refusal that comes before the body was sent', async () => {
    let closed = 0;
    const early = createServer((socket) => {
      socket.on('error', () => undefined).on('close', () => closed++);
      socket.once('data', () => socket.write(answerOf(507, 'full', ['Connection: close'])));
    });
    early.listen(0, '127.0.0.1');
    await once(early, 'listening');
    ends.push(() => new Promise((resolve) => early.close(resolve)));
    const url = new URL(`http://127.0.0.1:${(early.address() as AddressInfo).port}/`);
    const parts = [Buffer.alloc(64_000_000)];
    const answer = await client.ask({ method: 'POST', url, parts, answerBytesMax: 10 });
    expect(answer.status).toBe(507);
    await expect.poll(() => closed).toBe(1);
  });
});

describe('answers that lie', () => {
  const head = (length: number): string => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;

  it('refuses a body that is shorter than announced', async () => {
    await serve((socket) => socket.end(`${head(10)}12345`));
    await expect(client.ask(get())).rejects.toMatchObject({ code: 'store-unreachable', next: 'now' });
  });

  it('refuses a chunked body without its end', async () => {
    await serve((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n'),
    );
    await expect(client.ask(get())).rejects.toMatchObject({ code: 'store-unreachable' });
  });

  it('refuses a body that is longer than it may be, announced or not', async () => {
    await serve((socket, _head, at) =>
      at === 0 ? socket.write(head(1_001)) : socket.end(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(1_001)}`),
    );
    for (let i = 0; i < 2; i++)
      await expect(client.ask(get())).rejects.toMatchObject({ code: 'not-the-store', next: 'later' });
  });

  it('never takes what follows a body for the next answer', async () => {
    await serve((socket, _head, at) =>
      socket.write(
        at === 0 ? `${head(2)}okHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil` : `${head(4)}good`,
      ),
    );
    const answers: string[] = [];
    for (let i = 0; i < 4; i++) {
      try {
        answers.push((await client.ask(get())).body.toString());
      } catch (error) {
        expect(error).toMatchObject({ name: 'Failure' });
      }
    }
    expect(answers).not.toContain('evil');
    expect(answers).toContain('good');
  });

  it('takes what is no HTTP for another server', async () => {
    await serve((socket) => socket.end('SSH-2.0-OpenSSH_9.2p1\r\n'));
    await expect(client.ask(get())).rejects.toMatchObject({ code: 'not-the-store', next: 'later' });
  });

  it('reads only the beginning of an endless refusal', async () => {
    await serve((socket) => {
      socket.write('HTTP/1.1 500 Oh\r\n\r\n');
      const more = (): void => {
        while (!socket.destroyed && socket.write('x'.repeat(10_000)));
        socket.once('drain', more);
      };
      more();
    });
    const answer = await client.ask(get());
    expect(answer.status).toBe(500);
    expect(answer.body.length).toBe(64 * 1024);
  });
});

describe('no answer', () => {
  it('tells a refused connection and a reset one', async () => {
    await serve((socket) => socket.resetAndDestroy());
    await expect(client.ask(get())).rejects.toMatchObject({ code: 'store-unreachable', next: 'now' });
    const request = get();
    await server.close();
    ends.pop();
    await expect(client.ask(request)).rejects.toMatchObject({
      code: 'store-unreachable',
      detail: { errno: 'ECONNREFUSED' },
    });
  });

  it('is cancelled at any point, and by closing the client', async () => {
    await serve((socket, _head, at) => {
      if (at === 0) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
    });
    for (const end of ['signal', 'signal', 'close']) {
      const controller = new AbortController();
      const asked = client.ask(get({ signal: controller.signal }));
      const seen = server.heads.length;
      await expect.poll(() => server.heads.length).toBe(seen + 1);
      if (end === 'signal') controller.abort();
      else await client.close();
      await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
    }
    await expect(client.ask(get())).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('whom it talks to', () => {
  const certificate = testCertificate();
  let heard = 0;

  async function ask(trust: Trust): Promise<number> {
    heard = 0;
    const secure: Server = createTlsServer(certificate, (_request, response) => {
      heard++;
      response.end('ok');
    });
    secure.listen(0, '127.0.0.1');
    await once(secure, 'listening');
    ends.push(() => new Promise((resolve) => secure.close(resolve)));
    client = new HttpClient({ trust });
    const url = new URL(`https://127.0.0.1:${(secure.address() as AddressInfo).port}/`);
    return (await client.ask({ method: 'GET', url, answerBytesMax: 10 })).status;
  }

  it('refuses a certificate that nobody vouches for, and says a word of it to nobody', async () => {
    await expect(ask({})).rejects.toMatchObject({ code: 'store-unreachable', next: 'later' });
    expect(heard).toBe(0);
  });

  it('believes an authority of its own choice', async () => {
    expect(await ask({ authorities: [certificate.cert] })).toBe(200);
    const other = testCertificate();
    await expect(ask({ authorities: [other.cert] })).rejects.toMatchObject({ code: 'store-unreachable' });
  });

  it('believes a pinned certificate, and no other one', async () => {
    expect(await ask({ pinnedSha256: certificate.sha256 })).toBe(200);
    await expect(ask({ pinnedSha256: 'ab'.repeat(32) })).rejects.toMatchObject({
      code: 'not-the-store',
      next: 'later',
    });
    expect(heard).toBe(0);
  });

  it('talks through a Unix socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slackwater-socket-'));
    const plain = createPlainServer((request, response) => response.end(request.url));
    plain.listen(join(folder, 'socket'));
    await once(plain, 'listening');
    ends.push(() => new Promise((resolve) => plain.close(resolve)));
    ends.push(() => rm(folder, { recursive: true }));
    client = new HttpClient({ socketPath: join(folder, 'socket') });
    const url = new URL('http://localhost/a%20b?c=d');
    const answer = await client.ask({ method: 'GET', url, answerBytesMax: 100 });
    expect(answer.body.toString()).toBe('/a%20b?c=d');
  });
});
