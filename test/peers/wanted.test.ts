import { describe, expect, it } from 'vitest';
import { wantedPeers, wantedVersion } from './wanted.ts';

const [restic, restServer, rclone] = wantedPeers;

describe('wanted versions', () => {
  it.each([
    [restic, 'restic 0.19.1 compiled with go1.26.4 on linux/amd64', '0.19.1'],
    [restic, '0.18.0-1+b4', undefined],
    [restic, '0.20.0-1', undefined],
    [restServer, 'rest-server version 0.14.0 compiled with go1.24.9', '0.14.0'],
    [restServer, '0.12.1-1', undefined],
    [rclone, 'rclone v1.75.2\n- os/version: debian 12.11', '1.75.2'],
    [rclone, '1.60.1+dfsg-4', undefined],
    [rclone, 'no version at all', undefined],
  ])('%o says %s', (peer, text, version) => {
    expect(wantedVersion(peer!, text)).toBe(version);
  });
});
