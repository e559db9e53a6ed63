import { hash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Backend, FileName } from '../../engine/backend/backend.ts';
import { openBackend } from '../../engine/backend/open-backend.ts';
import { StoreLine } from '../../engine/backend/store-line.ts';
import { silentLog } from '../../engine/base/log.ts';
import { realClock } from '../../engine/worker/real-world.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { seededChance } from '../support/fixed-world.ts';
import { describeWithPeers } from '../support/peers.ts';
import { type RestServer, startRestServer } from '../support/rest-server.ts';

const world = { clock: realClock, chance: seededChance('network'), log: silentLog };

describeWithPeers(['rest-server'], 'all that a network needs around a real server', () => {
  backendContract('a REST server with every wrapper', async () => {
    const server = await startRestServer();
    return { backend: openBackend(server.location(), world), remove: () => server.close() };
  });

  let server: RestServer;
  let relay: Server;
  let backend: Backend;
  let line: StoreLine;
  const sockets = new Set<Socket>();
  /** What becomes of an answer to a request with this first line. */
  let answers: (requestLine: string) => 'pass' | 'lose' = () => 'pass';
  const requests: string[] = [];

  beforeEach(async () => {
    server = await startRestServer();
    const port = Number(/:(\d+)\//.exec(server.location())?.[1]);
    relay = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      let verdict: 'pass' | 'lose' = 'pass';
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => [near, far].map((each) => each.destroy()));
      }
      near.on('data', (bytes) => {
        const [, requestLine] = /^((?:GET|HEAD|POST|DELETE) \S+) HTTP/.exec(bytes.toString('latin1')) ?? [];
        if (requestLine !== undefined) {
          requests.push(requestLine);
          verdict = answers(requestLine);
        }
        far.write(bytes);
      });
      far.on('data', (bytes) => (verdict === 'pass' ? near.write(bytes) : near.resetAndDestroy()));
    });
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
    line = new StoreLine();
    const { port: near } = relay.address() as AddressInfo;
    backend = openBackend(server.location().replace(`:${port}/`, `:${near}/`), world, {}, line);
    await backend.create();
    requests.length = 0;
  });

  afterEach(async () => {
    answers = () => 'pass';
    await backend.close();
    for (const socket of sockets) socket.destroy();
    relay.close();
    await server.close();
  });

  it('sends nothing twice and removes nothing where answers are lost', async () => {
    for (const type of ['pack', 'index', 'snapshot'] as const) {
      let lost = false;
      answers = (requestLine) => {
        if (lost || !requestLine.startsWith('POST')) return 'pass';
        lost = true;
        return 'lose';
      };
      const content = Buffer.alloc(200_000, type);
      const file: FileName = { type, name: hash('sha256', content, 'hex') };
      await backend.save(file, [content]);
      expect(lost).toBe(true);
      expect(content.equals(await backend.load(file))).toBe(true);
    }
    const methods = requests.map((requestLine) => requestLine.split(' ')[0]);
    expect(methods.filter((method) => method === 'POST')).toHaveLength(3);
    expect(methods).not.toContain('DELETE');
    expect(line.facts.failures).toEqual({ 'store-unreachable': 3 });
  });

  it('reads on where connections break, and learns what the line is like', async () => {
    const content = Buffer.alloc(300_000, 'read');
    const file: FileName = { type: 'pack', name: hash('sha256', content, 'hex') };
    await backend.save(file, [content]);
    let count = 0;
    answers = () => (++count % 2 === 1 ? 'lose' : 'pass');
    for (let i = 0; i < 3; i++) expect(content.equals(await backend.load(file))).toBe(true);
    expect(await backend.stat(file)).toBe(content.length);
    expect(line.isProven).toBe(true);
    expect(line.facts.downSpeeds).toHaveLength(3);
  });
});
