import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bandwidthOf } from '../../engine/cli/open-store.ts';
import { realClock } from '../../engine/worker/real-world.ts';
import { testCertificate } from '../support/certificate.ts';
import { describeWithPeers } from '../support/peers.ts';
import { quickClock } from '../support/quick-clock.ts';
import { startRestServer } from '../support/rest-server.ts';
import { type SwitchedServer, startSwitchedServer } from '../support/switched-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { cliWorld, type Ran } from './cli-world.ts';

let server: SwitchedServer;
let home: string;

beforeEach(async () => {
  server = await startSwitchedServer();
  home = temporaryFolder('away-home');
  writeFileSync(join(home, 'letter.txt'), 'Dear reader');
});
afterEach(() => server.close());

async function run(args: string[], environment: Record<string, string> = {}): Promise<Ran> {
  const location = server.location('repository');
  const own = { SLACKWATER_REPOSITORY: location, SLACKWATER_PASSWORD: 'correct horse', ...environment };
  return await cliWorld(home)(args, { environment: own, clock: quickClock(20) });
}

async function backedUp(...more: string[]): Promise<void> {
  for (const args of [['init'], ['backup', 'letter.txt'], ['ls', 'latest']]) {
    const { code, stderr } = await run([...args, ...more]);
    expect({ args, code, stderr }).toMatchObject({ code: 0 });
  }
}

describeWithPeers(['rest-server'], 'while the store is away', () => {
  it('snapshots and folders are listed from what this machine keeps, and it says so', async () => {
    await backedUp();
    const before = { listed: await run(['ls', 'latest']), found: await run(['snapshots', '--json']) };
    server.isOn = false;
    const listed = await run(['ls', 'latest']);
    expect([listed.code, listed.stdout]).toEqual([0, before.listed.stdout]);
    expect(listed.stderr).toMatch(
      /the store cannot be asked \(store-unreachable\): this is what this machine keeps/,
    );
    const found = await run(['snapshots', '--json']);
    expect([found.code, found.stdout]).toEqual([0, before.found.stdout]);
    expect(found.stderr).toContain('{"message_type":"from_cache","code":"store-unreachable"}');
    const wrong = await run(['ls', 'latest'], { SLACKWATER_PASSWORD: 'wrong' });
    expect(wrong.code).toBe(12);
  });

  it('what is not kept is said to be out of reach, not to be gone; a check asks the store only', async () => {
    await backedUp();
    const restored = await run(['cat', 'snapshot', 'latest']);
    const { tree } = JSON.parse(restored.stdout) as { tree: string };
    server.isOn = false;
    const cache = join(home, '.cache', 'slackwater');
    const [id] = readdirSync(cache).filter((name) => name.length === 64);
    expect(readdirSync(join(cache, id!)).sort()).toEqual(expect.arrayContaining(['config', 'index', 'keys']));
    expect((await run(['cat', 'blob', tree])).code).toBe(0);
    const checked = await run(['check']);
    expect([checked.code, checked.stderr]).toEqual([1, expect.stringMatching(/cannot be reached/)]);
    expect(checked.stderr).not.toContain('keeps of it');
  });

  it('a backup is made on this machine, and finished when the store is back', async () => {
    await backedUp();
    server.isOn = false;
    writeFileSync(join(home, 'letter.txt'), 'Dear reader, I am on a train');
    const away = await run(['backup', 'letter.txt']);
    expect([away.code, away.stderr]).toEqual([
      1,
      expect.stringMatching(
        /made on this machine, and sent later.*sealed on this machine.*cannot be reached/s,
      ),
    ]);
    expect((await run(['pending', '--json'])).json[0]).toHaveLength(1);
    expect((await run(['snapshots', '--json'])).json[0]).toHaveLength(1);
    server.isOn = true;
    expect((await run(['pending', 'finish'])).code).toBe(0);
    expect((await run(['snapshots', '--json'])).json[0]).toHaveLength(2);
    expect((await run(['check', '--read-data'])).code).toBe(0);
    const target = join(home, 'restored');
    expect((await run(['restore', 'latest', '--target', target])).code).toBe(0);
    expect(readFileSync(join(target, 'letter.txt'), 'utf8')).toBe('Dear reader, I am on a train');
    expect((await run(['pending', '--json'])).json[0]).toEqual([]);
  });

  it.each([
    ['that this machine has seen', ['--no-cache']],
    ['that it has never seen', []],
  ])('a backup that waits for one %s ends in order when it is interrupted', async (_, more) => {
    if (more.length > 0) await backedUp(...more);
    server.isOn = false;
    const stop = new AbortController();
    const before = server.asked.length;
    const location = server.location('repository');
    // On the real clock: a quick one may run out of patience before a busy machine has asked twice.
    const running = cliWorld(home)(['backup', 'letter.txt', ...more], {
      environment: { SLACKWATER_REPOSITORY: location, SLACKWATER_PASSWORD: 'correct horse' },
      signal: stop.signal,
    });
    for (let tries = 0; tries < 1_500 && server.asked.length < before + 2; tries++) await realClock.sleep(10);
    stop.abort();
    const { code, stderr } = await running;
    expect([code, stderr]).toEqual([130, expect.stringContaining('Cancelled before it was done')]);
  });

  it('nothing is kept with --no-cache, and it is kept where one says', async () => {
    await backedUp('--no-cache');
    expect(readdirSync(home)).not.toContain('.cache');
    const elsewhere = join(home, 'elsewhere');
    expect((await run(['ls', 'latest', '--cache-dir', elsewhere])).code).toBe(0);
    server.isOn = false;
    expect((await run(['snapshots'], { RESTIC_CACHE_DIR: elsewhere })).code).toBe(0);
    expect((await run(['ls', 'latest', '--no-cache'])).stderr).toMatch(/cannot be reached/);
  });
});

describeWithPeers(['rest-server'], 'a store with a certificate of its own', () => {
  it('is believed with --cacert, as with RESTIC_CACERT', async () => {
    const tls = testCertificate();
    const secure = await startRestServer({ tls });
    try {
      const file = join(home, 'authority.pem');
      writeFileSync(file, tls.cert);
      const where = { SLACKWATER_REPOSITORY: secure.location('repository') };
      expect((await run(['init', '--cacert', file], where)).code).toBe(0);
      expect((await run(['snapshots'], { ...where, RESTIC_CACERT: file })).code).toBe(0);
      expect((await run(['snapshots', '--no-cache'], where)).code).toBe(1);
      expect(readFileSync(file, 'utf8')).toContain('CERTIFICATE');
    } finally {
      await secure.close();
    }
  });
});

it('a line has the limits that were said', () => {
  const limitsOf = (limitUpload?: number, limitDownload?: number) =>
    bandwidthOf({ limitUpload, limitDownload });
  expect(limitsOf(100, 0)).toEqual({ up: 102_400, down: undefined });
  expect(limitsOf()).toEqual({ up: undefined, down: undefined });
  expect(() => limitsOf(2 ** 50)).toThrow(/--limit-upload/);
});
