import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NodeType, showMode, toGoMode, toUnixPermissions } from '../../engine/format/file-mode.ts';

/** Read from trees of restic 0.19.1; the last column is how Go shows the mode. */
const known: [NodeType, number, number, string][] = [
  ['file', 0o644, 420, '-rw-r--r--'],
  ['dir', 0o755, 2147484141, 'drwxr-xr-x'],
  ['dir', 0o1777, 2148532735, 'dtrwxrwxrwx'],
  ['symlink', 0o777, 134218239, 'Lrwxrwxrwx'],
  ['fifo', 0o644, 33554852, 'prw-r--r--'],
  ['dev', 0o640, 67109280, 'Drw-r-----'],
  ['chardev', 0o640, 69206432, 'Dcrw-r-----'],
  ['file', 0o7755, 13631981, 'ugtrwxr-xr-x'],
  ['file', 0, 0, '----------'],
  ['socket', 0o755, 16777709, 'Srwxr-xr-x'],
  ['irregular', 0o600, 524672, '?rw-------'],
];

describe('Go file modes', () => {
  it.each(known)('%s %i is %i, shown %s', (type, permissions, goMode, shown) => {
    expect(toGoMode(type, permissions)).toBe(goMode);
    expect(toUnixPermissions(goMode)).toBe(permissions);
    expect(showMode(goMode)).toBe(shown);
  });

  it('keeps all twelve bits for every type, as an unsigned number', () => {
    const types = fc.constantFrom<NodeType>('file', 'dir', 'symlink', 'dev', 'chardev', 'fifo', 'socket');
    fc.assert(
      fc.property(types, fc.integer({ min: 0, max: 0o7777 }), (type, permissions) => {
        const mode = toGoMode(type, permissions);
        expect(mode).toBeGreaterThanOrEqual(0);
        expect(toUnixPermissions(mode)).toBe(permissions);
      }),
    );
  });

  it('takes nothing from `st_mode` but its lower twelve bits', () => {
    expect(toGoMode('dir', 0o40755)).toBe(toGoMode('dir', 0o755));
  });
});
