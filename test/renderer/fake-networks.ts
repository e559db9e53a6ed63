/** Networks that are calm, weak and away, and backups that wait for them, for the window's pictures. */
import type { AppState, NetworkHistory, PendingView, VaultView } from '../../engine/protocol/app-state.ts';
import type { GateView } from '../../engine/protocol/gate-view.ts';
import type { NetworkSample } from '../../engine/protocol/network-view.ts';
import { hostileName, nowMs, plan, states } from './fake-state.ts';

const minuteMs = 60_000;
const mib = 1_024 ** 2;

/** The last one is a minute ago; `lost` says which got no answer. */
function samplesOf(
  count: number,
  msOf: (at: number) => number,
  lost: (at: number) => boolean,
): NetworkSample[] {
  return Array.from({ length: count }, (_, at) => {
    const atMs = nowMs - (count - at) * minuteMs;
    return lost(at) ? { atMs } : { atMs, roundTripMs: Math.round(msOf(at)) };
  });
}

/** Like noise, but the same each time. */
const wave = (at: number): number => (1 + Math.sin(at * 12.9898) * Math.sin(at * 4.1414)) / 2;

const decaying: NetworkHistory = {
  view: {
    ...{ level: 'weak', why: 'slow-answers', roundTripMs: 480, jitterMs: 212, answerMs: 4_420 },
    ...{ answerMsMax: 4_000, lossPercent: 6, lossPercentMax: 10, goodput: 31 * 1_024 },
  },
  samples: samplesOf(
    180,
    (at) => 38 + 30 * wave(at) + (at > 130 ? (at - 130) ** 1.8 * (0.4 + 2.6 * wave(at)) : 0),
    (at) => (at > 84 && at < 92) || at === 141 || at === 155 || at === 171,
  ),
};

const calmNetwork: NetworkHistory = {
  view: {
    ...{ level: 'good', why: 'calm', roundTripMs: 178, jitterMs: 9, answerMs: 260, answerMsMax: 4_000 },
    ...{ lossPercent: 0, lossPercentMax: 10, goodput: 4.2 * mib },
  },
  samples: samplesOf(
    40,
    (at) => 170 + 30 * wave(at),
    () => false,
  ),
};

export const gate: GateView = {
  ...{ at: 'closed', because: 'slow-answers', network: 'weak' },
  ...{ roundTripMs: 480, lossPercent: 6, nextLookMs: nowMs + 20_000 },
};

const status: VaultView['status'] = {
  ...{ at: 'reachable', checkedMs: nowMs - 9 * minuteMs, snapshots: 31 },
  ...{ storedBytes: 9_300 * mib, locks: [] },
};
const pi: VaultView = {
  vault: { id: 'pi', name: 'Raspberry Pi', location: 'rest:https://raspberry.example:8000/me' },
  status,
  network: decaying,
};
const far: VaultView = {
  vault: { id: 'far', name: 'B2 in the west', location: 's3:s3.us-west-004.backblaze.example/bucket' },
  status,
  network: calmNetwork,
};
const fresh: VaultView = {
  vault: { id: 'new', name: 'Storage box', location: 'sftp:me@box.example:slackwater' },
  status: { at: 'unknown' },
};

const pending: readonly PendingView[] = [
  {
    ...{ id: 'c'.repeat(32), planId: 'documents', vaultId: 'pi', location: pi.vault.location },
    ...{ sources: ['/home/me/Documents'], sealedMs: nowMs - 14 * minuteMs, unsentBytes: 37 * mib },
    ...{ at: 'waiting', gate },
  },
  {
    ...{ id: 'd'.repeat(32), planId: 'photos', vaultId: 'far', location: far.vault.location },
    ...{ sources: ['/home/me/Pictures'], sealedMs: nowMs - 3 * minuteMs, unsentBytes: 0, at: 'finishing' },
  },
  {
    ...{ id: 'e'.repeat(32), location: `/media/${hostileName}` },
    ...{ sources: [`/srv/${hostileName}`, '/etc'], sealedMs: nowMs - 50 * 60 * minuteMs, unsentBytes: 5_000 },
    ...{ at: 'waiting', failure: { code: 'repository-locked', detail: {} } },
  },
];

const sentence =
  '“Documents” is sealed here and waits for a calm network: latency 480 ms, 6 % of probes lost, next look in 20 s.';

export const sealed: AppState = {
  ...states.calm,
  verdict: { kind: 'waiting', sentence },
  vaults: [pi, far, fresh],
  pending,
  plans: [
    plan('documents', 'Documents', 'pi', {
      activity: { at: 'waiting', sinceMs: nowMs - 14 * minuteMs, gate },
      lastRun: { ...states.calm.runs[0]!, outcome: { at: 'waiting', commitId: 'c'.repeat(32) } },
    }),
    plan('photos', 'Photos', 'far', { activity: { at: 'finishing', sinceMs: nowMs - 3 * minuteMs } }),
  ],
};

/** No answer for the whole time, and a single one. */
export const deadNetwork: AppState = {
  ...sealed,
  vaults: [
    {
      ...pi,
      network: {
        view: { ...decaying.view, level: 'offline', why: 'no-answer' },
        samples: samplesOf(
          12,
          () => 0,
          () => true,
        ),
      },
    },
    {
      ...far,
      network: {
        view: { ...calmNetwork.view, level: 'weak', why: 'not-calm-yet' },
        samples: calmNetwork.samples.slice(-1),
      },
    },
  ],
};
