import { hash } from 'node:crypto';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Backend, FileName, StoreAccess } from '../../../engine/backend/backend.ts';
import { openS3 } from '../../../engine/backend/s3.ts';
import { answerOf, type RawServer, rawServer } from '../../support/raw-server.ts';
import { testWorld } from '../../support/test-repository.ts';

const content = Buffer.from('content');
const file: FileName = { type: 'index', name: hash('sha256', content, 'hex') };
const md5 = hash('md5', content, 'hex');
const secret = 'a-very-secret-key';
const ends: (() => Promise<void>)[] = [];
let server: RawServer;
let backend: Backend;

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function serve(answer: (socket: Socket, head: string, at: number) => void, access: StoreAccess = {}) {
  server = await rawServer(answer);
  const login = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: secret };
  backend = openS3(`http://127.0.0.1:${server.port}/bucket`, {
    ...testWorld(),
    access: { ...login, ...access },
  });
  ends.push(
    () => server.close(),
    () => backend.close(),
  );
}

/** Answers in this order, the last one for ever. */
async function serveInOrder(...answers: Buffer[]): Promise<void> {
  await serve((socket, _, at) => socket.write(answers[Math.min(at, answers.length - 1)]!));
}

const refusal = (status: number, code: string, more = '', headers: string[] = []): Buffer =>
  answerOf(status, `<?xml version="1.0"?><Error><Code>${code}</Code><Message>text</Message>${more}</Error>`, [
    'Content-Type: application/xml',
    ...headers,
  ]);

async function names(): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of backend.list('index')) found.push(name);
  return found;
}

const calls: readonly [string, () => Promise<unknown>][] = [
  ['an upload', () => backend.save(file, [content])],
  ['a download', () => backend.load(file)],
  ['a part of a download', () => backend.load(file, { offset: 0, length: 3 })],
  ['a question for the size', () => backend.stat(file)],
  ['a listing', () => names()],
  ['a removal', () => backend.remove(file)],
];

describe('somebody else who answers in the place of the store', () => {
  const page = '<!DOCTYPE html><html><body>Please log in &amp; pay</body></html>';

  it.each(calls)('is not believed with 200 to %s', async (_, call) => {
    await serve((socket) => socket.write(answerOf(200, page, ['Content-Type: text/html'])));
    await expect(call()).rejects.toMatchObject({ code: 'not-the-store' });
  });

  it.each(calls)('is not believed with an empty 200 to %s', async (_, call) => {
    await serve((socket) => socket.write(answerOf(200)));
    await expect(call()).rejects.toMatchObject({ code: 'not-the-store' });
  });

  it.each(calls)('is not followed from %s', async (_, call) => {
    const headers = ['Location: http://portal.example/login'];
    await serve((socket) => socket.write(answerOf(302, page, headers)));
    await expect(call()).rejects.toMatchObject({ code: 'not-the-store' });
    expect(server.heads).toHaveLength(1);
  });

  it('is not believed with a page that says 404, which would be a file that is gone', async () => {
    await serve((socket) => socket.write(answerOf(404, page, ['Content-Type: text/html'])));
    await expect(backend.load(file)).rejects.toMatchObject({ code: 'not-the-store' });
  });
});

describe('what a store refuses', () => {
  it.each([
    [404, 'NoSuchKey', 'not-found', 'never'],
    [404, 'NoSuchBucket', 'repository-missing', 'never'],
    [403, 'AccessDenied', 'login-refused', 'never'],
    [403, 'InvalidAccessKeyId', 'login-refused', 'never'],
    [403, 'RequestTimeTooSkewed', 'login-refused', 'later'],
    [403, 'QuotaExceeded', 'no-space', 'later'],
    [507, 'XMinioStorageFull', 'no-space', 'later'],
    [400, 'BadDigest', 'store-unreachable', 'now'],
    [400, 'RequestTimeout', 'store-busy', 'later'],
    [409, 'OperationAborted', 'store-busy', 'later'],
    [500, 'InternalError', 'store-busy', 'later'],
    [416, 'InvalidRange', 'damaged', 'never'],
    [403, 'InvalidObjectState', 'permission-denied', 'never'],
  ])('%i %s is %s', async (status, s3Code, code, next) => {
    await serveInOrder(refusal(status, s3Code));
    const refused: unknown = await backend.load(file).catch((error) => error);
    expect(refused).toMatchObject({ code, next });
    expect(`${String(refused)} ${JSON.stringify(refused)}`).not.toContain(secret);
    expect(server.heads).toHaveLength(1);
  });

  it('waits as long as the store says', async () => {
    await serveInOrder(refusal(503, 'SlowDown', '', ['Retry-After: 11']));
    await expect(backend.save(file, [content])).rejects.toMatchObject({
      code: 'store-busy',
      detail: { retryAfterMs: 11_000 },
    });
  });

  it('has nobody there', async () => {
    await serveInOrder(answerOf(200));
    await server.close();
    ends.length = 0;
    await expect(backend.stat(file)).rejects.toMatchObject({ code: 'store-unreachable', next: 'now' });
    await backend.close();
  });
});

describe('an upload', () => {
  it('says what it is in one whole request, with the hash that buckets with object lock ask for', async () => {
    await serve((socket) => socket.write(answerOf(200, '', [`ETag: "${md5}"`])), {
      's3.storage-class': 'STANDARD_IA',
      AWS_SESSION_TOKEN: 'token-of-the-session',
    });
    await backend.save(file, [content.subarray(0, 3), content.subarray(3)]);
    expect(server.heads).toHaveLength(1);
    const [head = ''] = server.heads;
    expect(head).toMatch(new RegExp(`^PUT /bucket/index/${file.name}[ ?]`));
    expect(head).toMatch(new RegExp(`^content-md5: ${Buffer.from(md5, 'hex').toString('base64')}\r$`, 'im'));
    expect(head).toMatch(new RegExp(`^x-amz-content-sha256: ${file.name}\r$`, 'im'));
    expect(head).toMatch(/^x-amz-storage-class: STANDARD_IA\r$/im);
    expect(head).toMatch(/^x-amz-security-token: token-of-the-session\r$/im);
    expect(head).not.toMatch(/^(?:transfer-encoding|expect|x-amz-trailer|x-amz-checksum-\w+):/im);
    expect(head).not.toContain(secret);
  });

  it('tells how it goes on, and waits when it is told to', async () => {
    await serveInOrder(answerOf(200, '', [`ETag: "${md5}"`]));
    let up = 0;
    const onProgress = async (bytes: number, direction: string): Promise<void> => {
      if (direction === 'up') up += bytes;
    };
    const signal = Object.assign(new AbortController().signal, { onProgress });
    await backend.save(file, [content], signal);
    expect(up).toBe(content.length);
  });

  it('is asked about where the ETag does not say what is stored', async () => {
    await serve((socket, head) => {
      const length = head.startsWith('HEAD') ? ['Content-Length: 7'] : ['Content-Length: 0'];
      socket.write(['HTTP/1.1 200 OK', 'ETag: "of-another-kind"', ...length, '', ''].join('\r\n'));
    });
    await backend.save(file, [content]);
    expect(server.heads.map((head) => head.split(' ')[0])).toEqual(['PUT', 'HEAD']);
    await expect(backend.save(file, [content, content])).rejects.toMatchObject({ code: 'not-the-store' });
  });

  it('is asked about again where the store does not have it', async () => {
    await serve((socket, head) => {
      const status = head.startsWith('HEAD') ? '404 Not Found' : '200 OK';
      socket.write(
        [`HTTP/1.1 ${status}`, 'ETag: "of-another-kind"', 'Content-Length: 0', '', ''].join('\r\n'),
      );
    });
    const notKept = { code: 'not-kept', next: 'later' };
    await expect(backend.save(file, [content])).rejects.toMatchObject(notKept);
  });
});

describe('the region', () => {
  it('is learnt from a store that names the right one, and kept', async () => {
    await serve((socket, head) => {
      const isRight = head.includes('/moon-base-1/s3/');
      const wrong = refusal(400, 'AuthorizationHeaderMalformed', '<Region>moon-base-1</Region>');
      socket.write(isRight ? answerOf(200, content, [`ETag: "${md5}"`]) : wrong);
    });
    expect(Buffer.from(await backend.load(file)).toString()).toBe('content');
    await backend.load(file);
    expect(server.heads).toHaveLength(3);
  });

  it('is learnt from a redirect of S3, and asked for once only', async () => {
    await serveInOrder(refusal(301, 'PermanentRedirect', '', ['x-amz-bucket-region: moon-base-1']));
    await expect(backend.load(file)).rejects.toMatchObject({ code: 'not-the-store' });
    expect(server.heads).toHaveLength(2);
  });
});

describe('a listing', () => {
  const id = (at: number): string => hash('sha256', `file ${at}`, 'hex');
  const ids = [0, 1, 2, 3].map(id).sort();
  const page = (keys: string[], more: string): Buffer => {
    const objects = keys.map((key) => `<Contents><Key>${key}</Key><Size>7</Size></Contents>`).join('');
    const result = `<ListBucketResult><Name>bucket</Name>${more}${objects}</ListBucketResult>`;
    return answerOf(200, `<?xml version="1.0"?>${result}`, ['Content-Type: application/xml']);
  };
  const keys = (from: number, to: number): string[] => ids.slice(from, to).map((name) => `index/${name}`);

  it('goes on by names in a store that knows the first kind only', async () => {
    await serveInOrder(
      page(keys(0, 2), '<Marker></Marker><IsTruncated>true</IsTruncated>'),
      page(keys(2, 4), '<IsTruncated>false</IsTruncated>'),
    );
    expect(await names()).toEqual(ids);
    expect(server.heads[1]).toContain(`marker=${encodeURIComponent(`index/${ids[1]}`)}`);
    expect(server.heads[1]).not.toContain('list-type');
  });

  it('gives each name once, and none that does not belong there', async () => {
    const odd = ['index/README', `index/deeper/${ids[0]}`, `other/${ids[0]}`, `index/${ids[0]}-tmp`];
    await serveInOrder(
      page(
        [...odd, ...keys(0, 3)],
        '<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>',
      ),
      page(keys(2, 4), '<IsTruncated>false</IsTruncated>'),
    );
    expect(await names()).toEqual(ids);
  });

  it.each(['<NextContinuationToken>t</NextContinuationToken>', ''])(
    'ends where the store does not: %s',
    async (next) => {
      await serveInOrder(page(keys(0, 4), `<IsTruncated>true</IsTruncated>${next}`));
      await expect(names()).rejects.toMatchObject({ code: 'not-the-store' });
      expect(server.heads.length).toBeLessThan(4);
    },
  );
});
