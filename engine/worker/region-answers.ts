/**
 * How far the regions of a vault's provider are from here. Every region is asked once, the nearest ones and ours again
 * and again, round after round, so that a bad minute hits all of them. Bounded in requests and in time.
 */
import { probeHost } from '../backend/probe-region.ts';
import { providers, regionOfHost } from '../backend/regions/providers.ts';
import type { Provider, Region } from '../backend/regions/region.ts';
import type { Clock } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { medianOf, regionHint } from '../machine/region-hint.ts';
import type { RegionRow, RegionsView } from '../protocol/region-view.ts';

type Probe = typeof probeHost;

/** A region, how long its answers took, and whether it is ours. */
interface Measured extends Region {
  readonly ours: boolean;
  readonly tookMs: number[];
}

/** Fails with `cancelled`. */
export async function probeRegions(
  location: string,
  clock: Clock,
  signal: AbortSignal,
  probe: Probe = probeHost,
): Promise<RegionsView> {
  const known = regionsFor(location);
  if (known === undefined) return { at: 'unknown' };
  const { provider, regions } = known;
  const ask = async (region: Measured): Promise<void> => {
    const tookMs = await probeSoon(region.host, clock, signal, probe);
    if (tookMs !== undefined) region.tookMs.push(tookMs);
  };
  await Promise.all(regions.map(ask));
  const nearest = [...regions]
    .filter(({ tookMs }) => tookMs.length > 0)
    .sort(byMedian)
    .slice(0, limits.regionsNearest);
  const again = new Set([...nearest, ...regions.filter(({ ours }) => ours)]);
  // What was asked with all others at once was held up by them.
  for (const region of again) region.tookMs.length = 0;
  for (let round = 0; round < limits.regionRounds; round++) for (const region of again) await ask(region);
  if (signal.aborted) throw new Failure('cancelled');
  return viewOf(provider, [...again]);
}

async function probeSoon(host: string, clock: Clock, signal: AbortSignal, probe: Probe) {
  if (signal.aborted) throw new Failure('cancelled');
  const over = new AbortController();
  const ended = AbortSignal.any([signal, over.signal]);
  void clock.sleep(limits.regionProbeMsMax, ended).then(() => over.abort());
  try {
    return await probe(host, clock, ended);
  } finally {
    over.abort();
  }
}

/** Undefined where the provider is not known, or its hosts are not. */
export function regionsFor(location: string): { provider: Provider; regions: Measured[] } | undefined {
  if (location.startsWith('b2:'))
    return measuring(
      providers.find(({ id }) => id === 'backblaze-b2'),
      '',
    );
  const host = /^s3:(?:(?:https?:)?\/\/)?([a-z0-9.-]{1,253})(?:[/:]|$)/i.exec(location)?.[1]?.toLowerCase();
  return host === undefined ? undefined : measuring(regionOfHost(host)?.provider, host);
}

function measuring(provider: Provider | undefined, ourHost: string) {
  if (provider === undefined) return undefined;
  const account = accountIn(provider, ourHost);
  const regions = provider.regions
    .map((region) => ({ ...region, host: region.host.replace('{account}', account ?? '{account}') }))
    .filter(({ host }) => /^[a-z0-9.-]+$/.test(host))
    .slice(0, limits.regionsAskedMax)
    .map((region) => ({ ...region, ours: isOfHost(region, ourHost), tookMs: [] as number[] }));
  if (regions.length === 0) return undefined;
  const isListed = ourHost === '' || regions.some(({ ours }) => ours);
  const own = { id: ourHost, place: '', host: ourHost, ours: true, tookMs: [] as number[] };
  return { provider, regions: isListed ? regions : [...regions, own] };
}

/** Buckets may stand before the host. */
function isOfHost({ host }: Region, ourHost: string): boolean {
  return ourHost === host || ourHost.endsWith(`.${host}`);
}

/** What our own host has in the place that only its owner knows. */
function accountIn({ regions }: Provider, ourHost: string): string | undefined {
  for (const { host } of regions) {
    const [before = '', after] = host.split('{account}');
    if (after === undefined || !ourHost.startsWith(before) || !ourHost.endsWith(after)) continue;
    const account = ourHost.slice(before.length, ourHost.length - after.length);
    if (/^[a-z0-9-]+$/.test(account)) return account;
  }
  return undefined;
}

const medianMs = ({ tookMs }: Measured): number =>
  tookMs.length === 0 ? Number.POSITIVE_INFINITY : medianOf(tookMs);
const byMedian = (a: Measured, b: Measured): number => medianMs(a) - medianMs(b);

function viewOf({ name }: Provider, measured: readonly Measured[]): RegionsView {
  const samplesOf = ({ id, tookMs }: Measured) => ({ regionId: id, roundTripMs: tookMs });
  const ours = measured.find((region) => region.ours);
  const hint = ours === undefined ? undefined : regionHint(samplesOf(ours), measured.map(samplesOf));
  const better = hint && {
    id: hint.betterId,
    betterMs: Math.round(hint.betterMs),
    oursMs: Math.round(hint.oursMs),
    samples: hint.samples,
  };
  const rows = [...measured].sort(byMedian).map(rowOf);
  return { at: 'measured', provider: name, rows, ...(better === undefined ? {} : { better }) };
}

function rowOf({ id, place, ours, tookMs }: Measured): RegionRow {
  const sorted = [...tookMs].sort((a, b) => a - b);
  const most = sorted[Math.ceil(sorted.length * 0.95) - 1];
  const times =
    most === undefined ? {} : { medianMs: Math.round(medianOf(tookMs)), mostMs: Math.round(most) };
  return { id, place, ours, samples: tookMs.length, ...times };
}
