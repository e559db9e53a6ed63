import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createPlainServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpClient } from '../../../engine/backend/http/http-client.ts';
import { proxiesFrom, proxySettings } from '../../../engine/backend/http/proxy.ts';
import type { Trust } from '../../../engine/backend/http/trust.ts';
import { openBackend, openBare } from '../../../engine/backend/open-backend.ts';
import { silentLog } from '../../../engine/base/log.ts';
import { realClock } from '../../../engine/worker/real-world.ts';
import { testCertificate } from '../../support/certificate.ts';
import { seededChance } from '../../support/fixed-world.ts';
import { describeWithPeers } from '../../support/peers.ts';
import { type ProxyServer, startProxy } from '../../support/proxy-server.ts';
import { startRestServer } from '../../support/rest-server.ts';

describe('which requests go through a proxy', () => {
  const through = (url: string, access: Record<string, string>): string | undefined =>
    proxiesFrom(access)(new URL(url))?.host;
  const proxies = { HTTP_PROXY: 'http://plain.test:1', https_proxy: 'secure:2' };

  it('is told by the scheme, in capitals or not, with or without a scheme of its own', () => {
    expect(through('http://far.test/x', proxies)).toBe('plain.test:1');
    expect(through('https://far.test/x', proxies)).toBe('secure:2');
    expect(through('https://far.test/x', { HTTP_PROXY: 'plain:1', ALL_PROXY: 'all:3' })).toBe(undefined);
    expect(through('http://far.test/x', {})).toBe(undefined);
    expect(through('http://far.test/x', { HTTP_PROXY: '', http_proxy: 'small:4' })).toBe('small:4');
  });

  it.each(['localhost:1', '127.0.0.1', '127.9.9.9', '[::1]:4'])(
    'never is one to this machine: %s',
    (host) => {
      expect(through(`http://${host}/`, proxies)).toBe(undefined);
    },
  );

  it.each([
    ['far.test', 'far.test', true],
    ['far.test', 'a.FAR.test', true],
    ['far.test', 'afar.test', false],
    ['.far.test', 'far.test', false],
    ['.far.test', 'a.far.test', true],
    ['*.far.test', 'a.far.test', true],
    ['*.far.test', 'far.test', false],
    ['far.test:8000', 'far.test:8000', true],
    ['far.test:8000', 'far.test', false],
    ['far.test:80', 'far.test', true],
    ['10.0.0.0/8', '10.200.3.4', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', 'far.test', false],
    ['10.1.2.3', '10.1.2.3:9', true],
    ['10.1.2.3:9', '10.1.2.3', false],
    ['fd00::/8', '[fd12::1]', true],
    ['fd12::1', '[fd12::1]', true],
    ['[fd12::1]:9', '[fd12::1]:9', true],
    [' other , far.test', 'far.test', true],
    ['*', 'far.test', true],
    [',', 'far.test', false],
  ])('leaves out what NO_PROXY names: %s for %s', (exempt, host, isLeftOut) => {
    expect(through(`http://${host}/`, { ...proxies, NO_PROXY: exempt }) === undefined).toBe(isLeftOut);
  });

  it.each(['socks5://proxy.test:1080', 'http://', 'a b'])('cannot be %s', (address) => {
    const choose = (): unknown => proxiesFrom({ HTTPS_PROXY: address });
    expect(choose).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  it('tells no password of a proxy that it cannot use', () => {
    let told = '';
    try {
      proxiesFrom({ HTTP_PROXY: 'socks5://me:geheim@proxy.test:1' });
    } catch (error) {
      told = JSON.stringify(error, Object.getOwnPropertyNames(error));
    }
    expect(told).toContain('HTTP_PROXY');
    expect(told).not.toContain('geheim');
  });
});

describe('a request through a proxy', () => {
  const certificate = testCertificate('far.test');
  const ends: (() => unknown)[] = [];
  let proxy: ProxyServer;
  let client: HttpClient;
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function begin(scheme: 'http' | 'https', given: { login?: string; trust?: Trust; user?: string }) {
    const answer = (_: unknown, response: { end(text: string): void }): void => response.end('far away');
    const far = scheme === 'http' ? createPlainServer(answer) : createTlsServer(certificate, answer);
    far.listen(0, '127.0.0.1');
    await once(far, 'listening');
    ends.push(() => far.close());
    proxy = await startProxy(given.login);
    ends.push(() => proxy.close());
    const address = `http://${given.user ?? ''}127.0.0.1:${proxy.port}`;
    const choose = proxiesFrom({ HTTP_PROXY: address, HTTPS_PROXY: address });
    client = new HttpClient({ proxy: choose, ...(given.trust === undefined ? {} : { trust: given.trust }) });
    ends.push(() => client.close());
    const url = new URL(`${scheme}://far.test:${(far.address() as AddressInfo).port}/there`);
    return async (): Promise<string> => {
      const { status, body } = await client.ask({ method: 'GET', url, answerBytesMax: 100 });
      return `${status} ${body.toString()}`;
    };
  }

  it('names all of its URL, and keeps its connection', async () => {
    const ask = await begin('http', {});
    for (let i = 0; i < 3; i++) expect(await ask()).toBe('200 far away');
    expect(proxy.asked[0]).toMatch(/^GET http:\/\/far\.test:\d+\/there$/);
    expect(proxy).toMatchObject({ connections: 1, asked: { length: 3 } });
  });

  it('goes through a tunnel where it is secret, and keeps that', async () => {
    const ask = await begin('https', { trust: { authorities: [certificate.cert] } });
    for (let i = 0; i < 3; i++) expect(await ask()).toBe('200 far away');
    expect(proxy.asked).toEqual([expect.stringMatching(/^CONNECT far\.test:\d+$/)]);
  });

  it('believes a certificate in a tunnel no more than elsewhere', async () => {
    await expect((await begin('https', {}))()).rejects.toMatchObject({ code: 'store-unreachable' });
    const pinned = await begin('https', { trust: { pinnedSha256: certificate.sha256 } });
    expect(await pinned()).toBe('200 far away');
    const other = await begin('https', { trust: { pinnedSha256: 'ab'.repeat(32) } });
    await expect(other()).rejects.toMatchObject({ code: 'not-the-store' });
    expect(proxy.asked).toHaveLength(1);
  });

  it.each(['http', 'https'] as const)('brings the login that the proxy wants: %s', async (scheme) => {
    const trust = { authorities: [certificate.cert] };
    const ask = await begin(scheme, { login: 'me:ge heim', user: 'me:ge%20heim@', trust });
    expect(await ask()).toBe('200 far away');
    const without = await begin(scheme, { login: 'me:geheim', trust });
    const refused = await without().catch((error: unknown) => error);
    if (scheme === 'http') expect(refused).toBe('407 ');
    else expect(refused).toMatchObject({ code: 'login-refused', detail: { status: 407 } });
  });

  it('is told as unreachable where there is no proxy', async () => {
    const ask = await begin('https', {});
    await proxy.close();
    ends.splice(1, 1);
    await expect(ask()).rejects.toMatchObject({
      code: 'store-unreachable',
      detail: { errno: 'ECONNREFUSED' },
    });
  });
});

describe('stores behind a proxy', () => {
  const world = { clock: realClock, chance: seededChance('proxy'), log: silentLog };
  const keys = {
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'geheim',
    B2_ACCOUNT_ID: 'id',
    B2_ACCOUNT_KEY: 'geheim',
    'b2.endpoint': 'https://far.test:9',
  };

  it.each([
    ['rest:http://far.test:9/', /^GET http:\/\/far\.test:9\/keys\/$/],
    ['rest:https://far.test:9/', /^CONNECT far\.test:9$/],
    ['s3:http://far.test:9/bucket', /^GET http:\/\/far\.test:9\/bucket\/?\?list-type=2/],
    ['b2:bucket', /^CONNECT far\.test:9$/],
  ])('are asked through it: %s', async (location, asked) => {
    const proxy = await startProxy();
    const address = `http://127.0.0.1:${proxy.port}`;
    const proxies = proxySettings({ http_proxy: address, HTTPS_PROXY: address, PATH: '/bin' });
    const { backend } = openBare(location, { ...world, access: { ...proxies, ...keys } });
    try {
      // Nobody is there.
      const first = backend.list('key')[Symbol.asyncIterator]().next();
      await expect(first).rejects.toMatchObject({ code: 'store-unreachable' });
      expect(proxy.asked[0]).toMatch(asked);
    } finally {
      await backend.close();
      await proxy.close();
    }
  });

  describeWithPeers(['rest-server'], 'a real server', () => {
    it('serves a repository through one', async () => {
      const server = await startRestServer();
      const proxy = await startProxy();
      const proxies = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
      const location = server.location('vault/').replace('127.0.0.1', 'far.test');
      const backend = openBackend(location, { ...world, proxies });
      try {
        await backend.create();
        const content = Buffer.alloc(300_000, 'far away');
        const file = { type: 'pack', name: hash('sha256', content) } as const;
        await backend.save(file, [content]);
        expect(Buffer.from(await backend.load(file)).equals(content)).toBe(true);
        expect(proxy.asked.length).toBeGreaterThan(3);
      } finally {
        await backend.close();
        await proxy.close();
        await server.close();
      }
    });
  });
});
