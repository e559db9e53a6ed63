import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { StoreLine } from '../../engine/backend/store-line.ts';
import { limits } from '../../engine/base/limits.ts';
import { type NetworkNews, networkNewsSchema } from '../../engine/protocol/network-view.ts';
import { Networks } from '../../engine/worker/networks.ts';
import { turning } from '../support/back-up.ts';
import { testRepository, testWorld } from '../support/test-repository.ts';
import { probedBackend } from './probed-backend.ts';

const location = 'rest:http://127.0.0.1:9/';
const answer = { operation: 'stat', atMs: 0, tookMs: 40, upBytes: 0, downBytes: 0, inFlight: 1 } as const;

function listening() {
  const world = testWorld();
  const news: NetworkNews[] = [];
  const networks = new Networks(world, (each) => news.push(each));
  return { world, news, networks };
}

describe('the network to a vault', () => {
  it('is learned from ordinary traffic, told twice a minute at most', async () => {
    const { world, news, networks } = listening();
    const line = new StoreLine();
    let heard = 0;
    line.onChange = () => heard++;
    networks.listen(location, line);
    for (let i = 0; i < 50; i++) line.learn(answer);
    expect({ heard, told: news.length }).toEqual({ heard: 50, told: 1 });
    await world.clock.advance(limits.networkTellMs);
    line.learn({ ...answer, failure: 'store-unreachable' });
    expect(news).toHaveLength(2);
    expect(news[0]).toMatchObject({ location, sample: { roundTripMs: 40 } });
    expect(news[1]?.sample).toEqual({ atMs: Number(world.clock.wallNs() / 1_000_000n) });
    expect(news[1]?.network).toMatchObject({ level: 'good', roundTripMs: 40, lossPercentMax: 10 });
    for (const each of news) expect(v.parse(networkNewsSchema, each)).toEqual(each);
  });

  it('says nothing where all that went through was too large to tell a round trip', () => {
    const { news, networks } = listening();
    const line = new StoreLine();
    networks.listen(location, line);
    line.learn({ ...answer, operation: 'save', upBytes: 5e6 });
    expect(news).toEqual([]);
  });

  it('is looked at by a few probes, and no more', async () => {
    const repository = await testRepository();
    const news: NetworkNews[] = [];
    const sealed = async () => new Uint8Array(200);
    const networks = new Networks(repository.world, (each) => news.push(each), probedBackend(sealed));
    const access = { location, password: 'x' };
    const view = await turning(repository, networks.look(access, new AbortController().signal));
    expect(view).toMatchObject({ level: 'good', why: 'calm', lossPercent: 0 });
    expect(news).toHaveLength(limits.vaultProbes);
    const stop = new AbortController();
    stop.abort();
    await expect(networks.look(access, stop.signal)).rejects.toMatchObject({ code: 'cancelled' });
    expect(news).toHaveLength(limits.vaultProbes);
  });
});
