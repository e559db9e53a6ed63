/** Who may read what is stored on a server, as restic does it: its owner, and the group where the config is the group's too. */
import type { CancelSignal } from '../../base/clock.ts';
import { attributesOf } from './calls.ts';
import { isRefusal } from './refusal.ts';
import type { SftpSession } from './session.ts';

export interface Modes {
  readonly folder: number;
  readonly file: number;
  /** Once it is whole: nobody is to change it. */
  readonly stored: number;
}

const kindBits = 0o170000;

export const permissionBits = {
  isFile: (mode: number): boolean => (mode & kindBits) === 0o100000,
  isFolder: (mode: number): boolean => (mode & kindBits) === 0o040000,
};

export async function modesBeside(
  session: SftpSession,
  config: string,
  signal?: CancelSignal,
): Promise<Modes> {
  const { mode = 0 } = await attributesOf(session, config, signal).catch((error): { mode?: number } => {
    if (isRefusal(error)) return {};
    throw error;
  });
  return mode & 0o040
    ? { folder: 0o770, file: 0o660, stored: 0o440 }
    : { folder: 0o700, file: 0o600, stored: 0o400 };
}
