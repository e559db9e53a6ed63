import { hash } from 'node:crypto';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Backend, FileName, FileType } from '../../engine/backend/backend.ts';
import { openRest } from '../../engine/backend/rest.ts';
import { silentLog } from '../../engine/base/log.ts';
import { seededChance, virtualClock } from '../support/fixed-world.ts';
import { answerOf, type RawServer, rawServer } from '../support/raw-server.ts';

let server: RawServer;
let backend: Backend;
const content = Buffer.from('0123456789');
const file: FileName = { type: 'pack', name: hash('sha256', content, 'hex') };
const other = 'ab'.repeat(32);
const page = '<html>Please log in to this network</html>';
const html = ['Content-Type: text/html; charset=utf-8'];

afterEach(async () => {
  await backend.close();
  await server.close();
});

/** Answers by method, each with the same always. */
async function serve(answers: Readonly<Record<string, Buffer | ((socket: Socket) => void)>>): Promise<void> {
  server = await rawServer((socket, head) => {
    const answer = answers[head.split(' ')[0] ?? ''] ?? answerOf(404);
    if (typeof answer === 'function') answer(socket);
    else socket.write(answer);
  });
  backend = openRest(`http://127.0.0.1:${server.port}/repo`, {
    chance: seededChance('lies'),
    clock: virtualClock(0n),
    log: silentLog,
    access: {},
  });
}

/** HEAD has a length, and no body. */
const headOf = (length: number, more = ''): Buffer =>
  Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n${more}\r\n`);

const save = (): Promise<void> => backend.save(file, [content.subarray(0, 4), content.subarray(4)]);

describe('a save is not believed', () => {
  const notTheStore = { code: 'not-the-store', next: 'later' };

  it('from a captive portal, that says 200 to everything', async () => {
    await serve({
      POST: answerOf(200, page, html),
      HEAD: headOf(page.length),
      GET: answerOf(200, page, html),
    });
    await expect(save()).rejects.toMatchObject(notTheStore);
  });

  it('from a portal that hides what it is', async () => {
    await serve({ POST: answerOf(200), HEAD: headOf(page.length), GET: answerOf(200, page) });
    await expect(save()).rejects.toMatchObject(notTheStore);
  });

  it('from a portal that sends us elsewhere', async () => {
    await serve({ POST: answerOf(302, '', ['Location: /login']), GET: answerOf(200, page) });
    await expect(save()).rejects.toMatchObject(notTheStore);
    expect(server.heads).toHaveLength(1);
  });

  const notKept = { code: 'not-kept', next: 'later' };

  it('where it says that it took it: that tells only that the way is free', async () => {
    await serve({ POST: answerOf(200) });
    let taken = 0;
    const signal = Object.assign(new AbortController().signal, {
      onTaken: () => {
        taken++;
        expect(server.heads.map((head) => head.split(' ')[0])).toEqual(['POST']);
      },
    });
    await expect(backend.save(file, [content], signal)).rejects.toMatchObject(notKept);
    expect(taken).toBe(1);
    await backend.close();
    await serve({ POST: answerOf(500) });
    await expect(backend.save(file, [content], signal)).rejects.toMatchObject({ next: 'later' });
    expect(taken).toBe(1);
  });

  it('from a store that took it and does not have it, or not all of it', async () => {
    await serve({ POST: answerOf(200) });
    await expect(save()).rejects.toMatchObject(notKept);
    await backend.close();
    await server.close();
    await serve({ POST: answerOf(200), HEAD: headOf(9) });
    await expect(save()).rejects.toMatchObject(notTheStore);
  });

  it.each(['lock', 'index', 'snapshot'] as const)(
    'of type %s, before its writer reads it back',
    async (type) => {
      await serve({ POST: answerOf(200) });
      await backend.save({ ...file, type }, [content]);
      expect(server.heads).toHaveLength(1);
    },
  );

  it('where the name is taken by something else', async () => {
    await serve({ POST: answerOf(403), HEAD: headOf(9) });
    await expect(save()).rejects.toMatchObject({ code: 'damaged' });
    await backend.close();
    await server.close();
    await serve({ POST: answerOf(403), HEAD: headOf(10), GET: answerOf(200, 'ABCDEFGHIJ') });
    await expect(save()).rejects.toMatchObject({ code: 'damaged' });
  });

  it('where the store refuses it, and does not have it', async () => {
    await serve({ POST: answerOf(403) });
    await expect(save()).rejects.toMatchObject({ code: 'login-refused' });
    expect(server.heads.some((head) => head.startsWith('DELETE'))).toBe(false);
  });
});

describe('what is loaded', () => {
  const range = { offset: 2, length: 5 };

  it('is not accepted when it is short, long, a page or another part', async () => {
    const shortBody = (socket: Socket): void =>
      void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123');
    const noEnd = (socket: Socket): void => void socket.end('HTTP/1.1 200 OK\r\n\r\n0123');
    const cases: [Buffer | ((socket: Socket) => void), boolean, string][] = [
      [shortBody, false, 'store-unreachable'],
      [noEnd, false, 'store-unreachable'],
      [answerOf(200, page, html), false, 'not-the-store'],
      [answerOf(302), false, 'not-the-store'],
      [answerOf(206, '234567', ['Content-Range: bytes 2-7/10']), true, 'not-the-store'],
      [answerOf(206, '01234', ['Content-Range: bytes 0-4/10']), true, 'not-the-store'],
      [answerOf(200, '01234'), true, 'not-the-store'],
      [answerOf(200, content), true, 'not-the-store'],
      [answerOf(206, '234', ['Content-Range: bytes 2-4/5']), true, 'damaged'],
      [answerOf(206, ''), true, 'damaged'],
      [answerOf(416), true, 'damaged'],
    ];
    for (const [answer, isRange, code] of cases) {
      await serve({ GET: answer });
      await expect(backend.load(file, isRange ? range : undefined)).rejects.toMatchObject({ code });
      await backend.close();
      await server.close();
    }
    await serve({ GET: answerOf(206, '23456', ['Content-Range: bytes 2-6/10']) });
    expect(Buffer.from(await backend.load(file, range)).toString()).toBe('23456');
  });
});

describe('a listing', () => {
  const v1 = ['Content-Type: application/vnd.x.restic.rest.v1'];
  const v2 = ['Content-Type: application/vnd.x.restic.rest.v2'];

  async function list(type: FileType = 'pack'): Promise<[string, number][]> {
    const found: [string, number][] = [];
    for await (const { name, sizeBytes } of backend.list(type)) found.push([name, sizeBytes]);
    return found;
  }

  it('of version 1 has no sizes, so each file is asked for its own', async () => {
    await serve({ GET: answerOf(200, JSON.stringify([other, 'README', other]), v1), HEAD: headOf(77) });
    expect(await list()).toEqual([[other, 77]]);
    expect(server.heads).toHaveLength(2);
    expect(server.heads[0]).toContain('application/vnd.x.restic.rest.v2');
  });

  it('of version 2 has each name once, and only names that are ids', async () => {
    const entries = [
      { name: other, size: 5 },
      { name: '../../etc/passwd', size: 1 },
      { name: other, size: 5 },
      { name: file.name, size: 0 },
    ];
    await serve({ GET: answerOf(200, JSON.stringify(entries), v2) });
    expect(await list()).toEqual([
      [other, 5],
      [file.name, 0],
    ]);
  });

  it('is empty where there is no folder, but not where rclone has trouble', async () => {
    await serve({});
    expect(await list()).toEqual([]);
    expect(await list('config')).toEqual([]);
    await backend.close();
    await server.close();
    await serve({ GET: answerOf(404, '', ['Server: rclone/v1.75.2']) });
    await expect(list()).rejects.toMatchObject({ code: 'store-busy' });
  });

  it.each([
    [page, html],
    [page, v2],
    ['{"name":1}', v2],
    ['[{"name":"a","size":-1}]', v2],
    ['[{"name":"a"}]', v2],
    ['["a"]', v2],
    ['[1]', v1],
    ['[', v1],
    ['[]', ['Content-Type: application/xml']],
  ])('that is none is refused: %s %s', async (body, headers) => {
    await serve({ GET: answerOf(200, body, headers) });
    await expect(list()).rejects.toMatchObject({ code: 'not-the-store', next: 'later' });
  });
});

describe('secrets', () => {
  it('are in no failure and not in the location', async () => {
    server = await rawServer((socket, head) => socket.end(head));
    backend = openRest(`http://${'alice:sesame'}@127.0.0.1:${server.port}/repo`, {
      chance: seededChance('lies'),
      clock: virtualClock(0n),
      log: silentLog,
      access: {},
    });
    const error: unknown = await backend.stat(file).catch((caught) => caught);
    expect(server.heads[0]).toContain(`Basic ${Buffer.from('alice:sesame').toString('base64')}`);
    expect(error).toMatchObject({ code: 'not-the-store' });
    const told = `${backend.location} ${JSON.stringify(error)} ${(error as Error).stack} ${String((error as Error).cause)}`;
    expect(told).not.toMatch(/sesame|YWxpY2U6c2VzYW1l/);
  });
});
