import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers } from '../support/peers.ts';
import { type RestServer, startRestServer } from '../support/rest-server.ts';
import { runRestic } from '../support/restic.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { NthBackups } from './nth-backup.ts';
import { type NthResult, nthLoop, type Stretch } from './nth-loop.ts';
import { password } from './place.ts';
import { noFaults } from './proxy/plan.ts';

/** A part of what `npm run faults -- --nth` goes through. */
const walked: readonly (readonly [string, Stretch])[] = [
  ['reset', 'for a while'],
  ['lost answer', 'once'],
  ['portal', 'once'],
  ['status 403', 'once'],
  ['status 404', 'once'],
  ['answer too short', 'for a while'],
];

describeWithPeers(['rest-server', 'restic'], 'a backup whose nth request fails', () => {
  let server: RestServer;
  let backups: NthBackups;

  beforeAll(async () => {
    server = await startRestServer();
    backups = await NthBackups.make(server, temporaryFolder('nth'));
  });
  afterAll(() => server.close());

  it('ends well where none fails', async () => {
    const run = await backups.run(noFaults, async (repo) => {
      expect((await runRestic(['check', '--read-data', '--no-lock'], { repo, password })).code).toBe(0);
    });
    expect(run).toMatchObject({ outcome: { at: 'well' }, isStruck: false });
  });

  it.each(walked)('saves once, or refuses and says so, for every n: %s, %s', async (fault, stretch) => {
    const results: NthResult[] = [];
    await nthLoop(backups, fault, stretch, (result) => results.push(result));
    const wrong = results.filter(({ outcome }) => outcome.at === 'wrong');
    expect(wrong).toEqual([]);
    expect(results.length).toBeGreaterThan(20);
    // Before the store has shown that it is one, a refusal is believed; later nothing makes a run give up.
    expect(results.filter(({ outcome, n }) => outcome.at === 'refused' && n > refusedBefore)).toEqual([]);
  });
});

/** Of the requests that open a repository. */
const refusedBefore = 4;
