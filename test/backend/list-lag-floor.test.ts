import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Backend } from '../../engine/backend/backend.ts';
import { forAsking, openBackend, overCache } from '../../engine/backend/open-backend.ts';
import { limits } from '../../engine/base/limits.ts';
import { silentLog } from '../../engine/base/log.ts';
import { realClock } from '../../engine/worker/real-world.ts';
import { seededChance } from '../support/fixed-world.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const world = { clock: realClock, chance: seededChance('lag floor'), log: silentLog };
const logins = {
  AWS_ACCESS_KEY_ID: 'me',
  AWS_SECRET_ACCESS_KEY: 'word',
  B2_ACCOUNT_ID: 'me',
  B2_ACCOUNT_KEY: 'word',
};
const { lagFloorS3Ms, lagFloorB2Ms, lagFloorRcloneMs, lagFloorConsumerCloudMs } = limits;

/** Everything that is put around a backend before anybody locks with it. */
function stack(location: string, access: Record<string, string> = {}): Backend[] {
  const opened = openBackend(location, world, { ...logins, RCLONE_CONFIG: '/dev/null', ...access });
  const patient = opened.withPatience?.(() => ({ kind: 'run' })) ?? opened;
  const { backend: cached } = overCache(patient, temporaryFolder('lag-floor'), 'ab'.repeat(32), world);
  const again = cached.withPatience?.(() => ({ kind: 'run' })) ?? cached;
  return [opened, patient, cached, again, forAsking(again, 1_000)];
}

const floorsOf = (...args: Parameters<typeof stack>): Set<number | undefined> =>
  new Set(stack(...args).map(({ listLagFloorMs }) => listLagFloorMs));

describe('how far a kind of store is known to lag is said through the whole stack', () => {
  it.each([
    ['a folder', temporaryFolder('lag-local'), undefined],
    ['REST', 'rest:http://127.0.0.1:1/', undefined],
    ['SFTP', 'sftp:me@127.0.0.1:/repo', undefined],
    ['S3', 's3:https://127.0.0.1:1/bucket', lagFloorS3Ms],
    ['B2', 'b2:bucket:prefix', lagFloorB2Ms],
    ['rclone on a path', 'rclone:/repo', lagFloorRcloneMs],
    ['rclone, nobody knows what', 'rclone:mine:repo', lagFloorRcloneMs],
    ['rclone to a share', 'rclone::smb,host=127.0.0.1:share/repo', lagFloorRcloneMs],
    ['rclone to a consumer cloud', 'rclone::pcloud,hostname=127.0.0.1:repo', lagFloorConsumerCloudMs],
    ['rclone, its type in its name', 'rclone:mine,type=drive:repo', lagFloorConsumerCloudMs],
  ])('%s', (_, location, floorMs) => {
    expect(floorsOf(location)).toEqual(new Set([floorMs]));
  });

  it('rclone, its type in a variable', () => {
    const access = { RCLONE_CONFIG_MY_CLOUD_TYPE: 'dropbox' };
    expect(floorsOf('rclone:my-cloud:repo', access)).toEqual(new Set([lagFloorConsumerCloudMs]));
  });

  it('rclone, its type in its settings, behind other remotes too', () => {
    const path = join(temporaryFolder('lag-settings'), 'rclone.conf');
    writeFileSync(path, settingsFile);
    const floorOf = (remote: string) => [...floorsOf(`rclone:${remote}:repo`, { RCLONE_CONFIG: path })];
    expect(floorOf('cloud')).toEqual([lagFloorConsumerCloudMs]);
    expect(floorOf('share')).toEqual([lagFloorRcloneMs]);
    expect(floorOf('sealed')).toEqual([lagFloorConsumerCloudMs]);
    expect(floorOf('many')).toEqual([lagFloorConsumerCloudMs]);
    expect(floorOf('fly')).toEqual([lagFloorConsumerCloudMs]);
    expect(floorOf('circle')).toEqual([lagFloorRcloneMs]);
  });

  it('rclone, its settings where rclone looks for them by itself', () => {
    const home = temporaryFolder('lag-home');
    mkdirSync(join(home, 'rclone'));
    writeFileSync(join(home, 'rclone', 'rclone.conf'), settingsFile);
    const access = { RCLONE_CONFIG: '', APPDATA: '', XDG_CONFIG_HOME: home };
    expect(floorsOf('rclone:cloud:repo', access)).toEqual(new Set([lagFloorConsumerCloudMs]));
  });
});

const settingsFile = `
[cloud]
type = onedrive
token = {"access_token":"type = drive"}

[share]
type = smb
host = 127.0.0.1

[sealed]
type = crypt
remote = cloud:sealed

[many]
type = combine
upstreams = a=share:x b=cloud:y

[fly]
type = alias
remote = :mega:x

[circle]
type = alias
remote = circle:x
`;
