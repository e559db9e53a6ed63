/** Starts ssh and greets the SFTP server behind it; says clearly why that did not work. */
import { Failure } from '../../base/failure.ts';
import type { BackendWorld } from '../backend.ts';
import { secretsIn, sshEnvironment } from '../child/environment.ts';
import { Notes } from '../child/notes.ts';
import { startProgram } from '../child/piped-program.ts';
import { type SftpAddress, sshArguments } from './address.ts';
import { diagnoseSsh } from './diagnose-ssh.ts';
import { SftpSession } from './session.ts';

/**
 * `world.access` may name another ssh (`SLACKWATER_SSH_PROGRAM`) and a configuration to read instead of the user's
 * own (`SLACKWATER_SSH_CONFIG`), both by absolute paths.
 */
export async function openSshSession(
  address: SftpAddress,
  location: string,
  { clock, log, access }: BackendWorld,
): Promise<SftpSession> {
  const notes = new Notes('ssh', log, secretsIn(access));
  const start = {
    program: access.SLACKWATER_SSH_PROGRAM ?? 'ssh',
    args: sshArguments(address, access.SLACKWATER_SSH_CONFIG),
    environment: sshEnvironment(access),
    hear: (line: string) => notes.hear(line),
  };
  const program = startProgram(start, clock);
  if (program === undefined) throw new Failure('usage', { why: 'program-missing', program: start.program });
  const diagnose = (how: string, isLie: boolean): Failure => diagnoseSsh(notes.last, how, isLie, location);
  return await SftpSession.open(program, diagnose, clock);
}
