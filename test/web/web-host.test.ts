/** The host over real HTTP, with an app that only records what it is asked. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toPlainFailure } from '../../electron/app/plain-failure.ts';
import { readBundle } from '../../electron/web/bundle.ts';
import { openWebHost, type WebHost } from '../../electron/web/web-host.ts';
import type { AppState } from '../../engine/protocol/app-state.ts';
import { CallRefused } from '../../engine/protocol/link.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

const asked: unknown[] = [];
const listeners = new Set<(state: AppState) => void>();
const stateAt = (nowMs: number) => ({ nowMs, hostname: 'here' }) as AppState;
const app = {
  answers: {
    pause: async (argument: unknown) => void asked.push(argument),
    resume: async (argument: unknown) => void asked.push(argument),
    listRuns: async () => ({ rows: [], total: 7 }),
    removePlan: async () => {
      throw new CallRefused({ code: 'usage', detail: { why: 'no-such-plan' } });
    },
    cancelRestore: async () => {
      throw new Error('the password is hunter2');
    },
  },
  state: () => stateAt(1),
  onState(listener: (state: AppState) => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

let host: WebHost;
let secrets = 0;

beforeEach(async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'renderer/assets'), { recursive: true });
  writeFileSync(join(folder, 'renderer/index.html'), '<!doctype html><title>Slackwater</title>');
  writeFileSync(join(folder, 'renderer/assets/a.js'), 'export {};');
  writeFileSync(join(folder, 'renderer/assets/a.map'), '{}');
  writeFileSync(join(folder, 'secret.html'), 'outside');
  const makeSecret = () => `secret${++secrets}`;
  const bundle = readBundle(join(folder, 'renderer'));
  host = await openWebHost({ app, bundle, makeSecret, toFailure: toPlainFailure, port: 0 });
  asked.length = 0;
});
afterEach(() => host.close());

const own = () => ({ origin: `http://127.0.0.1:${host.port}`, 'content-type': 'application/json' });

function send(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: host.port, method, path, headers, agent: false },
      (got) => {
        let text = '';
        got.setEncoding('utf8').on('data', (part) => (text += part));
        got.on('end', () => resolve({ status: got.statusCode ?? 0, headers: got.headers, body: text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The cookie that the token is worth. */
async function open(): Promise<{ cookie: string }> {
  const { headers } = await send('GET', new URL(host.url).pathname + new URL(host.url).search);
  return { cookie: String(headers['set-cookie']).split(';')[0] ?? '' };
}

describe('the token', () => {
  it('is exchanged for a strict cookie and gone from the address', async () => {
    const url = new URL(host.url);
    const { status, headers, body } = await send('GET', url.pathname + url.search);
    expect(status).toBe(200);
    expect(body).toContain('content="0; url=/"');
    expect(String(headers['set-cookie'])).toMatch(/^slackwater-\d+=\w+; HttpOnly; SameSite=Strict; Path=\/$/);
  });

  it('is worth nothing the second time', async () => {
    await open();
    const url = new URL(host.url);
    const { status, headers } = await send('GET', url.pathname + url.search);
    expect([status, headers['set-cookie']]).toEqual([401, undefined]);
  });

  it.each(['/?token=', '/?token=wrong', '/', '/index.html', '/assets/a.js', '/state'])(
    'missing or wrong: %s is refused',
    async (path) => {
      expect((await send('GET', path)).status).toBe(401);
      expect((await send('GET', path, { cookie: `slackwater-${host.port}=wrong` })).status).toBe(401);
    },
  );
});

describe('a request of someone else', () => {
  it.each([
    ['a foreign Origin', { origin: 'https://site.example' }, 403],
    ['a page on another port', { origin: 'http://127.0.0.1:1' }, 403],
    ['a foreign Host', { host: 'rebound.example' }, 421],
    ['a missing cookie', { cookie: '' }, 401],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ])('is refused: %s', async (_, headers, status) => {
    const answer = await send('POST', '/call/resume', { ...own(), ...(await open()), ...headers }, '{}');
    expect(answer.status).toBe(status);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('changes nothing by a GET', async () => {
    expect((await send('GET', '/call/resume', await open())).status).toBe(405);
    expect(asked).toEqual([]);
  });
});

describe('files', () => {
  it('are the bundle, with headers that keep the window alone', async () => {
    const cookie = await open();
    const page = await send('GET', '/', cookie);
    expect([page.status, page.body]).toEqual([200, '<!doctype html><title>Slackwater</title>']);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringMatching(/^default-src 'none';.*frame-ancestors 'none'/),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    const script = await send('GET', '/assets/a.js', cookie);
    expect([script.status, script.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
  });

  it.each([
    '/../secret.html',
    '/assets/../../secret.html',
    '/%2e%2e/secret.html',
    '/..%2fsecret.html',
    '/%2e%2e%5csecret.html',
    '/..\\secret.html',
    '//secret.html',
    '/assets/a.map',
    '/assets',
    '/index.html%00.js',
  ])('outside of it are not there: %s', async (path) => {
    const answer = await send('GET', path, await open());
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('outside');
  });
});

describe('a call', () => {
  const call = async (name: string, body: string) =>
    send('POST', `/call/${name}`, { ...own(), ...(await open()) }, body);

  it('is answered', async () => {
    const { status, body } = await call('listRuns', '{"argument":{"start":0,"count":10}}');
    expect([status, JSON.parse(body)]).toEqual([200, { ok: true, value: { rows: [], total: 7 } }]);
  });

  it('may have no argument', async () => {
    expect((await call('resume', '{}')).status).toBe(200);
    expect(asked).toEqual([undefined]);
  });

  it('passes a failure on', async () => {
    expect(JSON.parse((await call('removePlan', '{"argument":{"planId":"a"}}')).body)).toEqual({
      ok: false,
      failure: { code: 'usage', detail: { why: 'no-such-plan' } },
    });
  });

  it('tells nothing of an error that is no failure', async () => {
    const { body } = await call('cancelRestore', '{}');
    expect(JSON.parse(body)).toEqual({ ok: false, failure: { code: 'io', detail: {} } });
  });

  it.each([
    ['pause', '{"argument":{"durationMs":1}}', 400],
    ['pause', '{"argument":{"durationMs":60000,"more":1}}', 400],
    ['pause', '{}', 400],
    ['pause', '{"durationMs":60000}', 400],
    ['pause', 'null', 400],
    ['pause', '{', 400],
    ['resume', '[]', 400],
    ['resume', '{"argument":null}', 400],
    ['toString', '{}', 404],
    ['stopEverything', '{}', 404],
  ])('%s %s: %i', async (name, body, status) => {
    expect((await call(name, body)).status).toBe(status);
    expect(asked).toEqual([]);
  });

  it('of more than a megabyte is refused', async () => {
    const { status } = await call('pause', JSON.stringify({ argument: 'x'.repeat(1024 * 1024) }));
    expect(status).toBe(413);
    expect(asked).toEqual([]);
  });
});

it('sends the state at once and when it changes, until the reader goes', async () => {
  const abort = new AbortController();
  const response = await fetch(`http://127.0.0.1:${host.port}/state`, {
    headers: await open(),
    signal: abort.signal,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toBe(`data: ${JSON.stringify(stateAt(1))}\n\n`);
  expect(listeners.size).toBe(1);
  for (const listener of listeners) listener(stateAt(2));
  expect((await reader.read()).value).toBe(`data: ${JSON.stringify(stateAt(2))}\n\n`);
  abort.abort();
  await expect.poll(() => listeners.size).toBe(0);
});
