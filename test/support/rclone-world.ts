/** What an rclone backend needs in a test: the real rclone, without any configuration of whoever runs the tests. */
import { execFileSync } from 'node:child_process';
import type { StoreAccess } from '../../engine/backend/backend.ts';
import { knownPeers } from '../peers/known-peers.ts';
import { backendWorld, type ChildWorld } from './child-world.ts';

export function rcloneProgram(): string {
  const { rclone } = knownPeers();
  return 'path' in rclone ? rclone.path : 'rclone';
}

export function rcloneWorld(access: StoreAccess = {}): ChildWorld {
  return backendWorld({ SLACKWATER_RCLONE_PROGRAM: rcloneProgram(), RCLONE_CONFIG: '/dev/null', ...access });
}

/** The form in which rclone wants a password in its settings. */
export function obscured(password: string): string {
  return execFileSync(rcloneProgram(), ['obscure', '-'], { input: password, encoding: 'utf8' }).trim();
}
