/** `slackwater regions` */

import { probeHost } from '../../backend/probe-region.ts';
import { providers } from '../../backend/regions/providers.ts';
import type { Provider, Region } from '../../backend/regions/region.ts';
import { toText } from '../../base/byte-string.ts';
import { Failure } from '../../base/failure.ts';
import { limits } from '../../base/limits.ts';
import { medianOf, type RegionSamples, regionHint } from '../../machine/region-hint.ts';
import { type Context, defineCommand } from '../command.ts';
import { showTable } from '../display.ts';
import { count, text } from '../option-table.ts';

export const command = defineCommand({
  name: 'regions',
  summary: 'Measure which region of a provider is near',
  usage: ['regions', 'regions PROVIDER [--ours REGION] [--samples N] [--account NAME]'],
  description: [
    'Without a provider it lists those that are known. With one it measures each of its regions: connect, TLS and the first byte of an answer. No account is needed, nothing is stored.',
    'With --ours it says whether another region would serve this network clearly better, and on what that rests.',
  ],
  examples: [{ line: 'regions backblaze-b2 --ours us-west-004', means: 'is there a nearer one?' }],
  options: {
    ours: text('REGION', 'the region that is used now'),
    samples: count('N', `how often each is measured (${limits.regionSamplesMin})`),
    account: text('NAME', 'what the host begins with, where each account has its own'),
  },
  onlyAnswers: true,
  async run(context, values, operands) {
    const [id, ...rest] = operands.map(toText);
    if (rest.length > 0) throw new Failure('usage', { why: '`slackwater regions` takes one provider.' });
    if (id === undefined) return listProviders(context);
    const provider = providers.find((each) => each.id === id);
    if (provider === undefined)
      throw new Failure('usage', {
        why: `There is no provider "${id}".`,
        instead: '`slackwater regions` lists them.',
      });
    const regions = reachable(provider, values.account);
    const samples = await measure(context, regions, values.samples ?? limits.regionSamplesMin);
    tell(context, regions, samples, values.ours);
    return undefined;
  },
});

function listProviders({ output }: Context): undefined {
  output.sayJson(
    providers.map(({ id, name, regions }) => ({ id, name, regions: regions.map((each) => each.id) })),
  );
  const rows = providers.map(({ id, name, regions }) => [[id], [name], [String(regions.length)]]);
  for (const line of showTable([{ title: 'Provider' }, { title: 'Name' }, { title: 'Regions' }], rows))
    output.say(line);
}

/** Hosts that can be asked: a part that only the user knows must be given. */
function reachable({ regions, name }: Provider, account: string | undefined): Region[] {
  const named = regions.map((region) => ({
    ...region,
    host: region.host.replace('{account}', account ?? '{account}'),
  }));
  const known = named.filter(({ host }) => /^[a-z0-9.-]+$/.test(host));
  if (known.length > 0) return known;
  throw new Failure('usage', {
    why: `Hosts of ${name} begin with the name of an account.`,
    instead: 'Give --account.',
  });
}

/** Round after round, so that a bad minute hits all of them. */
async function measure(
  { world, signal }: Context,
  regions: readonly Region[],
  rounds: number,
): Promise<RegionSamples[]> {
  const times = new Map<string, number[]>(regions.map(({ id }) => [id, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { id, host } of regions) {
      signal.throwIfAborted();
      const tookMs = await probeHost(host, world.clock, signal);
      if (tookMs !== undefined) times.get(id)?.push(tookMs);
    }
  }
  return [...times].map(([regionId, roundTripMs]) => ({ regionId, roundTripMs }));
}

function tell(
  { output }: Context,
  regions: readonly Region[],
  samples: readonly RegionSamples[],
  oursId: string | undefined,
): void {
  const ours = samples.find(({ regionId }) => regionId === oursId);
  const hint = ours === undefined ? undefined : regionHint(ours, samples);
  const median = ({ roundTripMs }: RegionSamples): number =>
    roundTripMs.length === 0 ? Number.POSITIVE_INFINITY : medianOf(roundTripMs);
  const sorted = [...samples].sort((a, b) => median(a) - median(b));
  output.sayJson({
    message_type: 'regions',
    regions: sorted.map((each) => ({
      id: each.regionId,
      samples: each.roundTripMs.length,
      ...(each.roundTripMs.length === 0 ? {} : { median_ms: Math.round(median(each)) }),
    })),
    ...(hint === undefined ? {} : { better: hint.betterId }),
  });
  const placeOf = new Map(regions.map(({ id, place }) => [id, place]));
  const rows = sorted.map((each) => [
    [each.regionId],
    [placeOf.get(each.regionId) ?? ''],
    [each.roundTripMs.length === 0 ? 'no answer' : `${Math.round(median(each))} ms`],
    [String(each.roundTripMs.length)],
  ]);
  for (const line of showTable(
    [{ title: 'Region' }, { title: 'Place' }, { title: 'Median' }, { title: 'Samples' }],
    rows,
  ))
    output.say(line);
  if (hint !== undefined)
    output.say(
      `Nearer: ${hint.betterId}: ${Math.round(hint.betterMs)} ms, ours: ${Math.round(hint.oursMs)} ms, ${hint.samples} samples each.`,
    );
}
