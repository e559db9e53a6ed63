import { hash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { openB2 } from '../../../engine/backend/b2.ts';
import type { Backend, FileName } from '../../../engine/backend/backend.ts';
import { answerOf, type RawServer, rawServer } from '../../support/raw-server.ts';
import { testWorld } from '../../support/test-repository.ts';

const content = Buffer.from('content');
const file: FileName = { type: 'index', name: hash('sha256', content, 'hex') };
const page = '<!DOCTYPE html><html><body>Please log in</body></html>';
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** B2 answers the login; what comes after it, somebody else answers. */
async function serve(answer: Buffer, storage: Record<string, unknown> = {}): Promise<[Backend, RawServer]> {
  const server = await rawServer((socket, head) => {
    const url = `http://127.0.0.1:${server.port}`;
    const told = { apiUrl: url, downloadUrl: url, bucketId: 'b1', bucketName: 'some-bucket', ...storage };
    const login = {
      accountId: 'a1',
      authorizationToken: 't1',
      apiInfo: { storageApi: { ...told, capabilities: ['deleteFiles'] } },
    };
    socket.write(head.includes('b2_authorize_account') ? answerOf(200, JSON.stringify(login)) : answer);
  });
  const access = {
    B2_ACCOUNT_ID: 'id',
    B2_ACCOUNT_KEY: 'key',
    'b2.endpoint': `http://127.0.0.1:${server.port}`,
  };
  const backend = openB2('some-bucket', { ...testWorld(), access });
  ends.push(
    () => server.close(),
    () => backend.close(),
  );
  return [backend, server];
}

async function names(backend: Backend): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of backend.list('index')) found.push(name);
  return found;
}

const calls: readonly [string, (backend: Backend) => Promise<unknown>][] = [
  ['an upload', (backend) => backend.save(file, [content])],
  ['a download', (backend) => backend.load(file)],
  ['a part of a download', (backend) => backend.load(file, { offset: 0, length: 3 })],
  ['a question for the size', (backend) => backend.stat(file)],
  ['a listing', (backend) => names(backend)],
  ['a removal', (backend) => backend.remove(file)],
];

describe('somebody else who answers in the place of B2', () => {
  it.each(calls)('is not believed with 200 to %s', async (_, call) => {
    const [backend] = await serve(answerOf(200, page, ['Content-Type: text/html']));
    await expect(call(backend)).rejects.toMatchObject({ code: 'not-the-store' });
  });

  it.each(calls)('is not followed from %s', async (_, call) => {
    const [backend] = await serve(answerOf(302, page, ['Location: http://portal.example/login']));
    await expect(call(backend)).rejects.toMatchObject({ code: 'not-the-store' });
  });

  it('is not believed with a page that says 404, which would be a file that is gone', async () => {
    const [backend] = await serve(answerOf(404, page, ['Content-Type: text/html']));
    await expect(backend.load(file)).rejects.toMatchObject({ code: 'not-the-store' });
  });

  it('does not get our token by an address that is not safe', async () => {
    const [backend, server] = await serve(answerOf(200), { apiUrl: 'http://elsewhere.example' });
    await expect(backend.load(file)).rejects.toMatchObject({ code: 'not-the-store' });
    expect(server.heads).toHaveLength(1);
  });

  it('cannot make a listing that does not end', async () => {
    const [backend, server] = await serve(
      answerOf(200, JSON.stringify({ files: [], nextFileName: 'index/a' })),
    );
    await expect(names(backend)).rejects.toMatchObject({ code: 'not-the-store' });
    expect(server.heads).toHaveLength(3);
  });
});

describe('addresses of B2', () => {
  const login = { B2_ACCOUNT_ID: 'id', B2_ACCOUNT_KEY: 'key' };

  it.each([
    ['bucket-name', 'b2:bucket-name:'],
    ['bucket-name:', 'b2:bucket-name:'],
    ['bucket-name:a/b/', 'b2:bucket-name:a/b'],
    ['bucket-name:/a/../b', 'b2:bucket-name:b'],
  ])('b2:%s', (rest, location) => {
    expect(openB2(rest, { ...testWorld(), access: login }).location).toBe(location);
  });

  it.each(['', 'short', 'odd_name', 'bucket/path', 'a'.repeat(51)])('refuses b2:%s', (rest) => {
    expect(() => openB2(rest, { ...testWorld(), access: login })).toThrowError(
      expect.objectContaining({ code: 'usage' }),
    );
  });

  it.each(['http://elsewhere.example', 'ftp://store.example', 'nonsense'])(
    'refuses %s as the endpoint',
    (told) => {
      expect(() =>
        openB2('bucket-name', { ...testWorld(), access: { ...login, 'b2.endpoint': told } }),
      ).toThrowError(expect.objectContaining({ code: 'usage' }));
    },
  );

  it('wants a key, and says so', () => {
    expect(() => openB2('bucket-name', { ...testWorld(), access: { B2_ACCOUNT_ID: 'id' } })).toThrowError(
      expect.objectContaining({ code: 'login-refused' }),
    );
  });
});
