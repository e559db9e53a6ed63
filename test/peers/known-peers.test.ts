import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pathOrThrow } from '../support/peers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { eachPeer, knownPeers, rememberPeers } from './known-peers.ts';

describe('known peers', () => {
  it('are those remembered, while their programs are there', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'restic');
    writeFileSync(path, '');
    chmodSync(path, 0o755);
    rememberPeers(
      folder,
      eachPeer(({ name }) => (name === 'restic' ? { path, version: '0.19.1' } : { missing: 'why' })),
    );
    expect(knownPeers(folder).restic).toEqual({ path, version: '0.19.1' });
    expect(knownPeers(folder).rclone).toEqual({ missing: 'why' });
    rmSync(path);
    expect(knownPeers(folder).restic).toHaveProperty('missing');
  });

  it('are none without a file or with a broken one', () => {
    const folder = temporaryFolder();
    expect(knownPeers(folder).restic).toHaveProperty('missing');
    writeFileSync(join(folder, 'peers.json'), '{');
    expect(knownPeers(folder).restic).toHaveProperty('missing');
  });
});

describe('a missing peer', () => {
  it('is a reason to skip, but in CI to fail', () => {
    expect(pathOrThrow('restic', { missing: 'gone' }, {})).toBeUndefined();
    expect(() => pathOrThrow('restic', { missing: 'gone' }, { CI: 'true' })).toThrow('gone');
    expect(pathOrThrow('restic', { path: '/r', version: '0.19.1' }, { CI: 'true' })).toBe('/r');
  });
});
