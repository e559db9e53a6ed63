import { describe, expect, it } from 'vitest';
import { type ByteString, fromText } from '../../engine/base/byte-string.ts';
import { limits } from '../../engine/base/limits.ts';
import { LookAhead } from '../../engine/compute/look-ahead.ts';

const names = (...texts: string[]): ByteString[] => texts.map(fromText);

/** Folders by their paths; all else is a file, `mount` on another file system, and `gone` not there any more. */
function lookedAt(folders: Readonly<Record<string, readonly string[]>>) {
  const asked: string[] = [];
  const files = {
    glance: (path: ByteString) => {
      asked.push(path);
      if (path.endsWith('gone')) throw new Error('ENOENT');
      const deviceId = path.endsWith('mount') ? 2n : 1n;
      return { kind: folders[path] === undefined ? 'file' : 'dir', sizeBytes: 1, deviceId } as const;
    },
    names: (path: ByteString) => {
      asked.push(`in ${path}`);
      return names(...(folders[path] ?? []));
    },
  };
  const clock = { elapsedMs: () => 0, wallNs: () => 0n, sleep: async () => {} };
  const ahead = new LookAhead(files, clock);
  const enter = async (path: string, ...entries: string[]): Promise<string[]> => {
    ahead.enter({ path: fromText(path), deviceId: 1n, names: names(...entries) });
    await new Promise(setImmediate);
    return asked.splice(0);
  };
  return { enter };
}

describe('looking ahead of a walk', () => {
  it('begins at the far end, and looks into folders that are beside the next one', async () => {
    const { enter } = lookedAt({ '/a/b': ['x', 'y'] });
    expect(await enter('/a', 'a', 'b', 'c')).toEqual(['/a/c', '/a/b', 'in /a/b', '/a/b/x', '/a/b/y', '/a/a']);
  });

  it('leaves alone what is mounted, and goes on past what fails', async () => {
    const { enter } = lookedAt({ '/a/mount': ['x'], '/a/gone': ['x'] });
    expect(await enter('/a', 'a', 'gone', 'mount')).toEqual(['/a/mount', '/a/gone', '/a/a']);
  });

  it('forgets folders that the walk is done with, and goes on in those that it is in', async () => {
    const many = Array.from({ length: limits.looksAheadMax + 2 }, (_, i) => `f${i}`);
    const { enter } = lookedAt({});
    expect(await enter('/a', ...many)).toHaveLength(limits.looksAheadMax);
    // Two of them are left to look at: inside of the folder they come later than what is nearer.
    expect(await enter('/a/b', 'c')).toEqual(['/a/b/c', '/a/f1', '/a/f0']);
    expect(await enter('/z', ...many)).toHaveLength(limits.looksAheadMax);
    expect(await enter('/a', 'c')).toEqual(['/a/c']);
  });
});
