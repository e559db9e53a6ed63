import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProgram } from '../../../engine/backend/child/piped-program.ts';
import { diagnoseSsh } from '../../../engine/backend/sftp/diagnose-ssh.ts';
import { saveFile } from '../../../engine/backend/sftp/save-file.ts';
import { SftpSession } from '../../../engine/backend/sftp/session.ts';
import { realClock } from '../../../engine/worker/real-world.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const sftpServer = ['/usr/lib/openssh/sftp-server', '/usr/libexec/openssh/sftp-server'].find(existsSync);
if (sftpServer === undefined && process.env.CI)
  throw new Error('These tests need sftp-server, and CI must have it.');

/** As a server that has never heard of OpenSSH: the names of its extensions become unknown ones. */
function withoutExtensions(): Transform {
  let isFirst = true;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const text = chunk.toString('latin1');
      done(null, isFirst ? Buffer.from(text.replaceAll('@openssh', '@unknown'), 'latin1') : chunk);
      isFirst = false;
    },
  });
}

describe.skipIf(sftpServer === undefined)("a server without OpenSSH's extensions", () => {
  const modes = { folder: 0o700, file: 0o600, stored: 0o400 };
  let session: SftpSession;
  let folder: string;

  beforeEach(async () => {
    folder = join(temporaryFolder('plain'), 'locks');
    mkdirSync(folder);
    const start = { program: sftpServer!, args: [], environment: {}, hear: () => undefined };
    const program = startProgram(start, realClock)!;
    const plain = { ...program, output: program.output.pipe(withoutExtensions()) };
    session = await SftpSession.open(plain, (how, isLie) => diagnoseSsh([], how, isLie, 'here'), realClock);
  });

  afterEach(async () => await session.close());

  const save = async (content: string): Promise<void> => {
    const path = join(folder, 'file');
    await saveFile(session, { path, draft: `${path}-tmp`, parts: [Buffer.from(content)], modes });
  };

  it('takes a file, the same again, and another in its place', async () => {
    expect(session.offers('posix-rename@openssh.com', '1')).toBe(false);
    for (const content of ['first', 'first', 'other', 'longer than the others']) {
      await save(content);
      expect(readFileSync(join(folder, 'file'), 'utf8')).toBe(content);
    }
    // What was not needed is removed behind the caller's back.
    for (let tries = 0; tries < 200 && readdirSync(folder).length > 1; tries++) await realClock.sleep(10);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('leaves what is there alone where it cannot be replaced', async () => {
    mkdirSync(join(folder, 'file'));
    writeFileSync(join(folder, 'file', 'inside'), 'inside');
    await expect(save('content')).rejects.toMatchObject({ code: 'io' });
    expect(readdirSync(join(folder, 'file'))).toEqual(['inside']);
  });
});
