import { describe, expect, it } from 'vitest';
import { parseSftpAddress, sshArguments } from '../../../engine/backend/sftp/address.ts';

describe('the address of an SFTP repository', () => {
  it.each([
    ['user@host:/srv/repo', { user: 'user', host: 'host', path: '/srv/repo' }],
    ['host:repo', { host: 'host', path: 'repo' }],
    ['me@mail@host:a//b/../c/', { user: 'me@mail', host: 'host', path: 'a/c' }],
    ['DOMAIN\\me@host:/x', { user: 'DOMAIN\\me', host: 'host', path: '/x' }],
    ['[fe80::1%eth0]:/x', { host: 'fe80::1%eth0', path: '/x' }],
    ['host:/../../etc', { host: 'host', path: '/etc' }],
    ['host:a:b', { host: 'host', path: 'a:b' }],
    ['//user@host:2222//srv/repo', { user: 'user', host: 'host', port: 2222, path: '/srv/repo' }],
    ['//host/below/home', { host: 'host', path: 'below/home' }],
    ['//a%40b@[::1]:22//x', { user: 'a@b', host: '::1', port: 22, path: '/x' }],
  ])('understands sftp:%s as restic does', (rest, parts) => {
    expect(parseSftpAddress(rest)).toEqual({ user: undefined, port: undefined, ...parts });
  });

  it.each([
    '',
    'host',
    'host:',
    ':path',
    '//host',
    '//host/',
    '//host:0//x',
    '//host:65536//x',
    '-oProxyCommand=touch /tmp/x:/srv',
    '-x@host:/srv',
    'a b@host:/srv',
    'host`id`:/srv',
    '$(id)@host:/srv',
    'h;id:/srv',
    '//%2DoProxyCommand@host//srv',
    'user:password@host:/srv',
    '//user:password@host//srv',
    'host:~/repo',
    'host:/a\nb',
  ])('refuses sftp:%s', (rest) => {
    expect(() => parseSftpAddress(rest)).toThrowError(expect.objectContaining({ code: 'usage' }));
  });

  it('gives ssh the host where it cannot be taken for an option, and never a prompt', () => {
    const args = sshArguments(parseSftpAddress('//me@host:2222//x'), '/etc/other');
    expect(args.slice(0, 2)).toEqual(['-F', '/etc/other']);
    expect(args).toContain('BatchMode=yes');
    expect(args.slice(-8)).toEqual(['-p', '2222', '-l', 'me', '-s', '--', 'host', 'sftp']);
  });
});
