import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { silentLog } from '../../engine/base/log.ts';
import { hostFacts, realChance, realClock } from '../../engine/worker/real-world.ts';
import { testPlace } from '../../engine/worker/test-place.ts';
import { describeWithPeers } from '../support/peers.ts';
import { freePort, startRestServer } from '../support/rest-server.ts';

const world = { clock: realClock, chance: realChance, log: silentLog, host: hostFacts() };

describeWithPeers(['rest-server'], 'a place in a remote store', () => {
  it('is tried by writing and removing, and told from one where something is', async () => {
    const server = await startRestServer({ appendOnly: true });
    try {
      const location = server.location('place');
      expect(await testPlace(location, world)).toEqual({
        at: 'empty',
        writable: true,
        writeMs: expect.any(Number),
      });
      expect(readdirSync(join(server.folder, 'place', 'locks'))).toEqual([]);
      await fetch(`${location.slice('rest:'.length)}/config`, { method: 'POST', body: 'config' });
      expect(await testPlace(location, world)).toEqual({ at: 'repository' });
    } finally {
      await server.close();
    }
  });

  it('says why it cannot be used, and in time', async () => {
    const server = await startRestServer({ login: { user: 'alice', password: 'word' } });
    try {
      expect(await testPlace(server.location('place'), world)).toMatchObject({
        at: 'unusable',
        failure: { code: 'login-refused' },
      });
    } finally {
      await server.close();
    }
    expect(await testPlace(`rest:http://127.0.0.1:${await freePort()}/`, world)).toMatchObject({
      at: 'unusable',
      failure: { code: 'store-unreachable' },
    });
  });
});
