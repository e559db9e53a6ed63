import { describe, expect, it } from 'vitest';
import { parseRcloneRemote } from '../../../engine/backend/rclone/remote.ts';

describe('the remote of an rclone repository', () => {
  it.each(['pcloud:backups/repo', ':local:/tmp/x', '/srv/x', 'my remote:x', 'remote:a,b=c:d', ':memory:'])(
    'is %s as it stands, where no settings are in it',
    (rest) => {
      expect(parseRcloneRemote(rest)).toEqual({ argument: rest, environment: {}, shown: `rclone:${rest}` });
    },
  );

  it('has no settings on the command line, and no secrets in what people see', () => {
    expect(
      parseRcloneRemote(':smb,host=nas,user="me, ""myself""",pass=\'it\'\'s: secret\',spn:share/x'),
    ).toEqual({
      argument: 'slackwater:share/x',
      environment: {
        RCLONE_CONFIG_SLACKWATER_TYPE: 'smb',
        RCLONE_CONFIG_SLACKWATER_HOST: 'nas',
        RCLONE_CONFIG_SLACKWATER_USER: 'me, "myself"',
        RCLONE_CONFIG_SLACKWATER_PASS: "it's: secret",
        RCLONE_CONFIG_SLACKWATER_SPN: 'true',
      },
      shown: 'rclone::smb,host=nas,user=me, "myself",pass=***,spn=true:share/x',
    });
    expect(parseRcloneRemote('my-nas,idle_timeout=5s:share')).toEqual({
      argument: 'my-nas:share',
      environment: { RCLONE_CONFIG_MY_NAS_IDLE_TIMEOUT: '5s' },
      shown: 'rclone:my-nas,idle_timeout=5s:share',
    });
  });

  it.each(['', '-v', '--config=/x:y', ':smb,host=nas', ':smb,pass="open:share', 'a,=x:y', 'remote:a\nb'])(
    'is refused as %j',
    (rest) => {
      expect(() => parseRcloneRemote(rest)).toThrowError(expect.objectContaining({ code: 'usage' }));
    },
  );
});
