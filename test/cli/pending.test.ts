import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CountingProxy, startCountingProxy } from '../faults/kill/counting-proxy.ts';
import { describeWithPeers } from '../support/peers.ts';
import { type RestServer, startRestServer } from '../support/rest-server.ts';
import { cliWorld, type Ran } from './cli-world.ts';

describeWithPeers(['rest-server'], 'a backup that could not be finished', () => {
  let home: string;
  let server: RestServer;
  let proxy: CountingProxy;
  let slackwater: (...args: string[]) => Promise<Ran>;

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'slackwater-pending-'));
    server = await startRestServer();
    proxy = await startCountingProxy(Number(/:(\d+)\//.exec(server.location())?.[1]));
    const run = cliWorld(home);
    const environment = {
      SLACKWATER_REPOSITORY: `rest:http://127.0.0.1:${proxy.port}/r/`,
      SLACKWATER_PASSWORD: 'correct horse',
    };
    slackwater = (...args) => run(args, { environment });
    writeFileSync(join(home, 'a.txt'), 'alpha');
    await slackwater('init');
    const stop = new AbortController();
    proxy.cutOff = (request) => {
      const isCut = request.startsWith('POST /r/snapshots/');
      if (isCut) stop.abort();
      return isCut;
    };
    const cut = await run(['backup', 'a.txt'], { environment, signal: stop.signal });
    expect(cut.code).toBe(130);
    proxy.cutOff = () => false;
  });

  afterEach(async () => {
    await proxy.close();
    await server.close();
    rmSync(home, { recursive: true, force: true });
  });

  async function pendingIds(): Promise<string[]> {
    const listed = JSON.parse((await slackwater('pending', '--json')).stdout) as { id: string }[];
    return listed.map(({ id }) => id);
  }

  it('waits, is shown, and is finished when that is asked: the same snapshot', async () => {
    const [id = ''] = await pendingIds();
    const shown = await slackwater('pending', 'show', id.slice(0, 8));
    expect(shown.stdout).toContain(join(home, 'a.txt'));
    const finished = await slackwater('pending', 'finish');
    expect(finished.stderr + finished.stdout).toContain('saved and verified');
    expect(await pendingIds()).toEqual([]);
    expect((await slackwater('snapshots', '--json')).stdout).toContain('a.txt');
    expect(proxy.bytesAgain).toBe(0);
  });

  it('is finished by the next backup, before that makes its own', async () => {
    expect((await slackwater('backup', 'a.txt')).code).toBe(0);
    expect(await pendingIds()).toEqual([]);
    expect(JSON.parse((await slackwater('snapshots', '--json')).stdout)).toHaveLength(2);
  });

  it('is given up only by whoever means it', async () => {
    const [id = ''] = await pendingIds();
    expect((await slackwater('pending', 'drop', id)).code).toBe(1);
    expect(await pendingIds()).toEqual([id]);
    expect((await slackwater('pending', 'drop', id, '--yes')).code).toBe(0);
    expect(await pendingIds()).toEqual([]);
    expect((await slackwater('pending', 'finish')).stdout).not.toContain('Finished');
  });

  it('can be reached: a probe says so without a password, and says when it cannot', async () => {
    expect((await slackwater('probe', '--json')).json).toMatchObject([
      { message_type: 'probe', outcome: 'ok' },
    ]);
    proxy.cutOff = () => true;
    const failed = await slackwater('probe', '--json');
    expect(failed.json).toMatchObject([{ outcome: 'failed' }]);
    expect(failed.code).toBe(1);
  });
});
