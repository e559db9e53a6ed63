import { describe, expect, it } from 'vitest';
import { diagnoseSsh } from '../../../engine/backend/sftp/diagnose-ssh.ts';

describe('what ssh says when it does not get through', () => {
  it.each([
    ['ssh: connect to host nas port 22: Connection refused', 'store-unreachable', 'now'],
    ['ssh: Could not resolve hostname nas: Name or service not known', 'store-unreachable', 'now'],
    ['Timeout, server nas not responding.', 'store-unreachable', 'now'],
    ['client_loop: send disconnect: Broken pipe', 'store-unreachable', 'now'],
    ['me@nas: Permission denied (publickey,password).', 'login-refused', 'never'],
    ['Received disconnect from ::1 port 22:2: Too many authentication failures', 'login-refused', 'never'],
    ['Host key verification failed.', 'not-the-store', 'never'],
    ['subsystem request failed on channel 0', 'not-the-store', 'never'],
    ['/home/me/.ssh/config: line 1: Bad configuration option: nonsense', 'usage', 'never'],
  ])('"%s" is %s', (said, code, next) => {
    const failure = diagnoseSsh(
      ['Warning: Permanently added x', said],
      'it ended with code 255',
      false,
      'sftp:nas:x',
    );
    expect(failure).toMatchObject({ code, next });
  });

  it('tells a key that changed from one that nobody knows', () => {
    const changed = [
      '@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @',
      'Host key verification failed.',
    ];
    expect(diagnoseSsh(changed, '', false, 'x').detail.why).toContain('ssh-keygen -R');
    expect(diagnoseSsh(changed.slice(1), '', false, 'x').detail.why).toContain('does not know its host key');
  });

  it('says in what way ssh ended where it said nothing', () => {
    expect(diagnoseSsh([], 'it was ended by SIGKILL', false, 'x').detail.why).toBe('it was ended by SIGKILL');
  });
});
