/** Where a run stands on its line, and how far its tracks are. Pure; for `run-line.tsx`. */
import type { RunPhase } from '../../engine/protocol/run-news.ts';

export const stations = [
  'scanning',
  'uploading',
  'sealing',
  'waiting',
  'writing-index',
  'committing',
  'verified',
] as const satisfies readonly RunPhase[];
export type Station = (typeof stations)[number];

export interface StationView {
  readonly station: Station;
  readonly at: 'passed' | 'here' | 'ahead';
}

/** Before the first station while the vault is opened. */
export function stationsOf(phase: RunPhase): readonly StationView[] {
  const station = phase === 'proving' ? 'waiting' : phase;
  const here = station === 'opening' ? -1 : stations.indexOf(station);
  return stations.map((station, place) => ({
    station,
    at: place < here || phase === 'verified' ? 'passed' : place === here ? 'here' : 'ahead',
  }));
}

const shareMax = 0.99;

/** From 0 to 1; undefined while the total is unknown. Full only where the run is verified. */
export function trackShare(done: number, total: number | undefined, isVerified: boolean): number | undefined {
  if (isVerified) return 1;
  if (total === undefined) return undefined;
  return total <= 0 ? 0 : Math.min(Math.max(done / total, 0), shareMax);
}
