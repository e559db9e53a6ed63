import { hash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Backend, BackendWorld, FileName, StoreAccess } from '../../engine/backend/backend.ts';
import { openRest } from '../../engine/backend/rest.ts';
import { silentLog } from '../../engine/base/log.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { type TestCertificate, testCertificate } from '../support/certificate.ts';
import { seededChance, virtualClock } from '../support/fixed-world.ts';
import { describeWithPeers } from '../support/peers.ts';
import { type RestServer, type RestServerOptions, startRestServer } from '../support/rest-server.ts';

function open(location: string, access: StoreAccess = {}): Backend {
  const world: BackendWorld = {
    chance: seededChance('rest'),
    clock: virtualClock(0n),
    log: silentLog,
    access,
  };
  return openRest(location.slice('rest:'.length), world);
}

function contract(kind: string, options: RestServerOptions, path = '', access: StoreAccess = {}): void {
  backendContract(kind, async () => {
    const server = await startRestServer(options);
    return { backend: open(server.location(path), access), remove: () => server.close() };
  });
}

const login = { user: 'alice', password: 'open: sesame/ä' };
const loginAccess = { RESTIC_REST_USERNAME: login.user, RESTIC_REST_PASSWORD: login.password };

describeWithPeers(['rest-server'], 'the real rest-server', () => {
  contract('a REST server', {});
  contract('a REST server with private repositories', { privateRepos: true, login }, 'alice/', loginAccess);
  contract('a REST server on a Unix socket', { unixSocket: true }, 'repository');

  describe('a REST server', () => {
    let server: RestServer;
    const opened: Backend[] = [];
    const content = Buffer.from('content');
    const file: FileName = { type: 'pack', name: hash('sha256', content, 'hex') };

    const start = async (options: RestServerOptions): Promise<void> => {
      server = await startRestServer(options);
    };
    const use = (location: string, access: StoreAccess = {}): Backend => {
      const backend = open(location, access);
      opened.push(backend);
      return backend;
    };

    afterEach(async () => {
      for (const backend of opened.splice(0)) await backend.close();
      await server.close();
    });

    it('takes a login from the location or from the environment, and refuses a wrong one', async () => {
      await start({ login });
      const encoded = `alice:${encodeURIComponent(login.password)}`;
      for (const backend of [
        use(server.location('', encoded)),
        use(server.location(), loginAccess),
        use(server.location('', encoded), { ...loginAccess, RESTIC_REST_PASSWORD: 'wrong' }),
      ]) {
        await backend.create();
        expect(backend.location).not.toContain('sesame');
      }
      for (const access of [{}, { ...loginAccess, RESTIC_REST_PASSWORD: 'wrong' }]) {
        const refused = await use(server.location(), access)
          .create()
          .catch((error) => error);
        expect(refused).toMatchObject({ code: 'login-refused', detail: { status: 401 } });
        expect(JSON.stringify(refused)).not.toContain('wrong');
      }
    });

    it("keeps one user's repository from another", async () => {
      await start({ login, privateRepos: true });
      await use(server.location('alice'), loginAccess).create();
      await expect(use(server.location('bob'), loginAccess).create()).rejects.toMatchObject({
        code: 'login-refused',
      });
    });

    it('lets an append-only server keep what it has', async () => {
      await start({ appendOnly: true });
      const backend = use(server.location());
      await backend.create();
      await backend.save({ type: 'config', name: '' }, [content]);
      for (const type of ['pack', 'key', 'snapshot', 'index'] as const) {
        const mine = { ...file, type };
        await backend.save(mine, [content]);
        // The answer was lost, say: the same again is no failure, though the server says 403.
        await backend.save(mine, [content]);
        await expect(backend.remove(mine)).rejects.toMatchObject({
          code: 'permission-denied',
          next: 'never',
        });
        expect(await backend.stat(mine)).toBe(content.length);
      }
      await backend.save({ type: 'config', name: '' }, [content]);
      await expect(
        backend.save({ type: 'config', name: '' }, [Buffer.from('other..')]),
      ).rejects.toMatchObject({
        code: 'damaged',
      });
      const lock = { ...file, type: 'lock' as const };
      await backend.save(lock, [content]);
      await backend.remove(lock);
    });

    it('does not store bytes that are not what their name says', async () => {
      await start({});
      const backend = use(server.location());
      await backend.create();
      await expect(backend.save(file, [Buffer.from('garbled')])).rejects.toMatchObject({
        code: 'store-unreachable',
        next: 'now',
      });
      await expect(backend.stat(file)).rejects.toMatchObject({ code: 'not-found' });
    });

    it('says so when it is full, and goes on when there is room', async () => {
      await start({ maxSizeBytes: 100_000 });
      const backend = use(server.location());
      await backend.create();
      const large = Buffer.alloc(200_000);
      const name = hash('sha256', large, 'hex');
      await expect(backend.save({ type: 'pack', name }, [large])).rejects.toMatchObject({
        code: 'no-space',
        next: 'later',
      });
      await backend.save(file, [content]);
    });

    it('is believed over TLS by an authority file or by its pinned certificate only', async () => {
      const tls: TestCertificate = testCertificate();
      await start({ tls });
      const folder = await mkdtemp(join(tmpdir(), 'slackwater-ca-'));
      try {
        await writeFile(join(folder, 'ca.pem'), tls.cert);
        const pin = tls.sha256.toUpperCase().replaceAll(/..(?!$)/g, '$&:');
        await use(server.location(), { RESTIC_CACERT: join(folder, 'ca.pem') }).create();
        await use(server.location(), { SLACKWATER_TLS_PIN: pin }).create();
        await expect(use(server.location()).create()).rejects.toMatchObject({
          code: 'store-unreachable',
          next: 'later',
        });
        await expect(
          use(server.location(), { SLACKWATER_TLS_PIN: 'ab'.repeat(32) }).create(),
        ).rejects.toMatchObject({ code: 'not-the-store' });
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  });
});

describe('TLS settings', () => {
  it('are refused when they cannot be what was meant', () => {
    expect(() => open('rest:https://example.com/', { SLACKWATER_TLS_PIN: 'abc' })).toThrow(
      expect.objectContaining({ code: 'usage' }),
    );
    expect(() => open('rest:https://example.com/', { RESTIC_CACERT: '/nowhere/ca.pem' })).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
  });
});
