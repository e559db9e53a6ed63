/** What an rclone backend needs in a test: the real rclone, without any configuration of whoever runs the tests. */
import { execFileSync } from 'node:child_process';
import type { BackendWorld, StoreAccess } from '../../engine/backend/backend.ts';
import { realClock } from '../../engine/worker/real-world.ts';
import { knownPeers } from '../peers/known-peers.ts';
import { seededChance } from './fixed-world.ts';

export function rcloneProgram(): string {
  const { rclone } = knownPeers();
  return 'path' in rclone ? rclone.path : 'rclone';
}

export interface RcloneWorld extends BackendWorld {
  /** What was said to the log. */
  readonly told: string[];
}

export function rcloneWorld(access: StoreAccess = {}): RcloneWorld {
  const told: string[] = [];
  return {
    clock: realClock,
    chance: seededChance('rclone'),
    log: { note: (sentence) => told.push(sentence), warn: (sentence) => told.push(sentence) },
    access: { SLACKWATER_RCLONE_PROGRAM: rcloneProgram(), RCLONE_CONFIG: '/dev/null', ...access },
    told,
  };
}

/** The form in which rclone wants a password in its settings. */
export function obscured(password: string): string {
  return execFileSync(rcloneProgram(), ['obscure', '-'], { input: password, encoding: 'utf8' }).trim();
}
