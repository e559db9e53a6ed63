import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWithPeers } from './peers.ts';
import { runRestic } from './restic.ts';
import { temporaryFolder } from './temporary-folder.ts';

describeWithPeers(['restic'], 'restic', () => {
  it('runs with its repository and password, and answers', async () => {
    const options = { repo: join(temporaryFolder(), 'repo'), password: 'secret' };
    expect((await runRestic(['init'], options)).code).toBe(0);
    const backup = await runRestic(['backup', '--stdin', '--json'], { ...options, input: 'hello' });
    expect(backup.jsonLines<{ message_type: string }>().at(-1)?.message_type).toBe('summary');
    expect((await runRestic(['snapshots', '--json'], options)).json<unknown[]>()).toHaveLength(1);
    expect((await runRestic(['dump', 'latest', 'stdin'], options)).bytes.toString()).toBe('hello');
    const wrong = await runRestic(['snapshots'], { ...options, password: 'wrong' });
    expect(wrong.code).toBe(12);
    expect(wrong.stderr).toContain('wrong password');
  });

  it('is killed when it does not end', async () => {
    const options = { repo: join(temporaryFolder(), 'repo'), password: 'secret', timeoutMs: 1 };
    await expect(runRestic(['init'], options)).rejects.toThrow('in time');
  });
});
