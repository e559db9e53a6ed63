/** Go's `os.FileMode`, which restic stores: permission bits as in Unix, all else at bits of Go's own. */

export type NodeType = 'file' | 'dir' | 'symlink' | 'dev' | 'chardev' | 'fifo' | 'socket' | 'irregular';

const typeBits: Record<NodeType, number> = {
  file: 0,
  dir: 2 ** 31,
  symlink: 1 << 27,
  dev: 1 << 26,
  chardev: (1 << 26) | (1 << 21),
  fifo: 1 << 25,
  socket: 1 << 24,
  irregular: 1 << 19,
};

const setuid = { unix: 0o4000, go: 1 << 23 };
const setgid = { unix: 0o2000, go: 1 << 22 };
const sticky = { unix: 0o1000, go: 1 << 20 };

/** `permissions`: the lower twelve bits of `st_mode`. */
export function toGoMode(type: NodeType, permissions: number): number {
  let mode = typeBits[type] + (permissions & 0o777);
  if (permissions <= 0o777) return mode;
  for (const bit of [setuid, setgid, sticky]) if (permissions & bit.unix) mode += bit.go;
  return mode;
}

/** The lower twelve bits of `st_mode`. */
export function toUnixPermissions(goMode: number): number {
  let permissions = goMode & 0o777;
  for (const bit of [setuid, setgid, sticky]) if (goMode & bit.go) permissions |= bit.unix;
  return permissions;
}

/** As `ls -l` shows it, in Go's letters: `drwxr-xr-x`, `-rwsr-xr-x` is `urwxr-xr-x`. */
export function showMode(goMode: number): string {
  const letters = 'dalTLDpSugct?';
  const type = [...letters].filter((_letter, i) => (goMode >>> (31 - i)) & 1).join('');
  const permissions = [...'rwxrwxrwx'].map((letter, i) => ((goMode >>> (8 - i)) & 1 ? letter : '-')).join('');
  return `${type === '' ? '-' : type}${permissions}`;
}
