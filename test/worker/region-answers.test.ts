import { describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { probeRegions, regionsFor } from '../../engine/worker/region-answers.ts';
import { virtualClock } from '../support/fixed-world.ts';

const never = new AbortController().signal;

/** Answers as fast as `tookMs` says; undefined never answers. */
function network(tookMs: (host: string) => number | undefined) {
  const clock = virtualClock(0n);
  const asked: string[] = [];
  const probe = async (host: string, _: unknown, signal: AbortSignal): Promise<number | undefined> => {
    asked.push(host);
    const ms = tookMs(host);
    if (ms !== undefined) return ms;
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return undefined;
  };
  return { clock, asked, probe };
}

const b2 = (region: string): string => `s3.${region}.backblazeb2.com`;

describe('the regions of a provider', () => {
  it('are measured, the nearest first, with ours among them and a hint that says what it rests on', async () => {
    const { clock, asked, probe } = network((host) => (host === b2('eu-central-003') ? 41 : 178));
    const found = await probeRegions(`s3:${b2('us-west-004')}/bucket/x`, clock, never, probe);
    if (found.at !== 'measured') throw new Error('not measured');
    expect(found.provider).toBe('Backblaze B2');
    expect(found.rows[0]).toEqual({
      ...{ id: 'eu-central-003', place: 'Amsterdam', ours: false },
      ...{ samples: limits.regionRounds, medianMs: 41, mostMs: 41 },
    });
    expect(found.rows.filter(({ ours }) => ours)).toMatchObject([{ id: 'us-west-004', medianMs: 178 }]);
    const samples = limits.regionRounds;
    expect(found.better).toEqual({ id: 'eu-central-003', betterMs: 41, oursMs: 178, samples });
    const most = limits.regionsAskedMax + (limits.regionsNearest + 1) * limits.regionRounds;
    expect(asked.length).toBeLessThanOrEqual(most);
  });

  it('do not keep anybody waiting where a host says nothing', async () => {
    const { clock, probe } = network((host) => (host.includes('us-west') ? undefined : 60));
    const answer = probeRegions(`s3:bucket.${b2('us-west-004')}:443/b`, clock, never, probe);
    await clock.advance(limits.regionProbeMsMax * (limits.regionRounds + 1));
    const found = await answer;
    if (found.at !== 'measured') throw new Error('not measured');
    expect(found.rows.at(-1)).toEqual({ id: 'us-west-004', place: 'Phoenix', ours: true, samples: 0 });
    expect(found.better).toBeUndefined();
  });

  it('end when they are cancelled', async () => {
    const stop = new AbortController();
    const { clock, asked, probe } = network(() => undefined);
    const answer = probeRegions(`s3:${b2('us-west-004')}/b`, clock, stop.signal, probe);
    const before = asked.length;
    stop.abort();
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
    expect(asked.length).toBe(before);
  });

  it.each([`rest:http://${b2('us-west-004')}/`, '/media/usb', 's3:minio.example/bucket', 's3:'])(
    'are not known of %s',
    async (location) => {
      const { clock, asked, probe } = network(() => 1);
      expect(await probeRegions(location, clock, never, probe)).toEqual({ at: 'unknown' });
      expect(asked).toEqual([]);
    },
  );

  it('take the account from our own host, and add our host where the table has it not', () => {
    const hosts = (location: string) => regionsFor(location)?.regions.map(({ host }) => host);
    expect(hosts('s3:abc123.eu.r2.cloudflarestorage.com/b')).toContain(
      'abc123.fedramp.r2.cloudflarestorage.com',
    );
    const own = regionsFor('s3:s3.xx-new-9.wasabisys.com/b')?.regions.filter(({ ours }) => ours);
    expect(own).toMatchObject([{ id: 's3.xx-new-9.wasabisys.com', place: '' }]);
    expect(regionsFor('b2:bucket-name:path')?.regions.some(({ ours }) => ours)).toBe(false);
  });
});
