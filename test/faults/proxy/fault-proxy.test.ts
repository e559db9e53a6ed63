import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from './fault.ts';
import { FaultProxy } from './fault-proxy.ts';
import { ListingLag } from './listing-lag.ts';
import { afterwards, any, forMs, fromThen, noFaults, nth, of, seeded } from './plan.ts';
import type { SeenRequest } from './seen-request.ts';

/** A store in the smallest sense: it keeps what it is given under its path. */
const kept = new Map<string, Buffer>();
let asked: string[];
let server: Server;
let proxy: FaultProxy;

beforeEach(async () => {
  kept.clear();
  asked = [];
  server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method = '', url = '' } = incoming;
    asked.push(`${method} ${url}`);
    if (method === 'POST') kept.set(url, Buffer.concat(chunks));
    else if (method === 'DELETE') kept.delete(url);
    else if (url.endsWith('/')) {
      const names = [...kept].filter(([path]) => path.startsWith(url));
      return void response.end(
        JSON.stringify(names.map(([path, { length }]) => ({ name: path.slice(url.length), size: length }))),
      );
    } else return void response.writeHead(kept.has(url) ? 200 : 404).end(kept.get(url));
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await FaultProxy.before((server.address() as AddressInfo).port);
});
afterEach(async () => {
  await proxy.close();
  server.closeAllConnections();
  server.close();
});

const name = 'ab'.repeat(32);
const pack = `/r/data/${name}`;

/** `status body`, or the error's code. */
async function ask(method: string, path: string, body = '', ms = 60_000): Promise<string> {
  const outgoing = request({ host: '127.0.0.1', port: proxy.port, method, path, agent: false });
  const timer = setTimeout(() => outgoing.destroy(Object.assign(new Error(), { code: 'SILENT' })), ms);
  try {
    outgoing.setHeader('Content-Length', body.length);
    outgoing.end(body);
    const [answer] = (await once(outgoing, 'response')) as [import('node:http').IncomingMessage];
    let text = '';
    for await (const chunk of answer) text += chunk;
    return `${answer.statusCode} ${text}`.trim();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    clearTimeout(timer);
    outgoing.destroy();
  }
}

it('passes on what no plan strikes, and counts it', async () => {
  expect(await ask('POST', pack, 'content')).toBe('200');
  expect(await ask('GET', pack)).toBe('200 content');
  expect(await ask('GET', '/r/data/none')).toBe('404');
  expect(proxy.tally).toMatchObject({ requests: 3, sentBytes: 7, resentBytes: 0, removedCount: 0 });
  expect(proxy.tally.storedBytes('pack')).toBe(7);
  expect(proxy.history[0]).toMatchObject({ operation: 'save', type: 'pack', name, bytes: 7 });
});

describe('on an upload', () => {
  const struckBy = async (fault: Fault): Promise<string> => {
    proxy.plan = nth(of('save', 'pack'), 1, fault);
    return await ask('POST', pack, 'content', 300);
  };

  it.each([
    [{ do: 'reset' }, 'ECONNRESET', undefined],
    [{ do: 'reset', bodyBytes: 4 }, 'ECONNRESET', undefined],
    [{ do: 'lose-answer' }, 'ECONNRESET', 'content'],
    [{ do: 'black-hole' }, 'SILENT', undefined],
    [{ do: 'black-hole', isCarriedOut: true }, 'SILENT', 'content'],
    [{ do: 'change-upload', at: 0 }, '200', 'bontent'],
    [{ do: 'delay', ms: 5 }, '200', 'content'],
    [{ do: 'answer', status: 507 }, '507', undefined],
    [{ do: 'portal' }, '200 <html>', undefined],
    [{ do: 'redirect' }, '302 <html>', undefined],
  ] satisfies [Fault, string, string | undefined][])('does as planned: %j', async (fault, answer, stored) => {
    expect((await struckBy(fault)).slice(0, answer.length)).toBe(answer);
    expect(kept.get(pack)?.toString()).toBe(stored);
    expect(proxy.struck).toHaveLength(1);
  });

  it('counts as sent twice what the store had, whether or not the client was told', async () => {
    await struckBy({ do: 'lose-answer' });
    await ask('POST', pack, 'content');
    await ask('DELETE', pack);
    expect(proxy.tally).toMatchObject({ sentBytes: 14, resentBytes: 7, removedCount: 1 });
  });

  it('counts nothing as sent twice that never arrived', async () => {
    await struckBy({ do: 'reset', bodyBytes: 4 });
    await ask('POST', pack, 'content');
    expect(proxy.tally.resentBytes).toBe(0);
    expect(proxy.tally.sentBytes).toBe(14);
  });
});

describe('on an answer', () => {
  it.each([
    [{ do: 'cut-answer', bytes: 3 }, 'ECONNRESET'],
    [{ do: 'shorten-answer', bytes: 3 }, '200 cont'],
    [{ do: 'lengthen-answer', bytes: 2 }, '200 contentxx'],
    [{ do: 'change-answer', at: 8 }, '200 cnntent'],
    [{ do: 'trickle', bytesPerSecond: 1000, way: 'down' }, '200 content'],
    [{ do: 'answer', status: 404 }, '404'],
  ] satisfies [Fault, string][])('does as planned: %j', async (fault, answer) => {
    await ask('POST', pack, 'content');
    proxy.plan = nth(of('load'), 1, fault);
    expect(await ask('GET', pack)).toBe(answer);
    expect(await ask('GET', pack)).toBe('200 content');
  });

  it('tells how long to wait', async () => {
    proxy.plan = () => ({ do: 'answer', status: 503, retryAfter: '7' });
    const outgoing = request({ host: '127.0.0.1', port: proxy.port, path: pack, agent: false });
    outgoing.end();
    const [answer] = (await once(outgoing, 'response')) as [import('node:http').IncomingMessage];
    expect(answer.headers['retry-after']).toBe('7');
    answer.resume();
  });
});

it('shows a listing that lags, in which what was removed is still there', async () => {
  proxy.lag = new ListingLag({ saved: 1_000_000 });
  await ask('POST', pack, 'content');
  expect(await ask('GET', '/r/data/')).toBe('200 []');
  expect(await ask('GET', pack)).toBe('200 content');
  proxy.lag = new ListingLag({ removed: 1_000_000 });
  await ask('POST', `/r/locks/${name}`, 'lock');
  await ask('DELETE', `/r/locks/${name}`);
  expect(JSON.parse((await ask('GET', '/r/locks/')).slice(4))).toEqual([{ name, size: 4 }]);
  expect(JSON.parse((await ask('GET', '/r/data/')).slice(4))).toEqual([{ name, size: 7 }]);
});

describe('a plan', () => {
  const request = (number: number, operation: SeenRequest['operation'] = 'load'): SeenRequest => ({
    number,
    operation,
    atMs: number * 10,
    method: '',
    path: '',
    name: '',
    bytes: 0,
  });
  const fault: Fault = { do: 'reset' };
  const struck = (plan: typeof noFaults, count = 8): number[] =>
    Array.from({ length: count }, (_, i) => i + 1).filter((n) => plan(request(n)) !== undefined);

  it('strikes the nth, for a time, or after another', () => {
    expect(struck(noFaults)).toEqual([]);
    expect(struck(nth(any, 3, fault))).toEqual([3]);
    expect(struck(nth(any, 3, fault, 2))).toEqual([3, 4]);
    expect(struck(nth(of('save'), 1, fault))).toEqual([]);
    expect(struck(fromThen(any, 3, 20, fault))).toEqual([3, 4, 5]);
    expect(struck(afterwards(nth(any, 2, fault), forMs(10, fault)))).toEqual([2, 3, 4]);
  });

  it('by seed strikes the same requests each time, a share of them', () => {
    const once = struck(seeded('a', 0.2, [fault]), 1_000);
    expect(struck(seeded('a', 0.2, [fault]), 1_000)).toEqual(once);
    expect(struck(seeded('b', 0.2, [fault]), 1_000)).not.toEqual(once);
    expect(once.length).toBeGreaterThan(150);
    expect(once.length).toBeLessThan(250);
  });
});
