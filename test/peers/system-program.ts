/** Where a program of the system is that tests need, on the PATH or where servers are. */
import { isProgram } from './known-peers.ts';

/** The PATH of an ordinary user does not name these. */
const forServers = ['/usr/sbin', '/usr/local/sbin'];

/** Its path, or undefined. */
export function systemProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), ...forServers];
  return folders
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => `${folder}/${name}`)
    .find(isProgram);
}
