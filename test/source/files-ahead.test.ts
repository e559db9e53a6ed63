import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type ByteString, fromText } from '../../engine/base/byte-string.ts';
import { limits } from '../../engine/base/limits.ts';
import { FilesAhead } from '../../engine/source/files-ahead.ts';
import { realFiles, type SourceFiles } from '../../engine/source/source-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'slackwater-ahead-'));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'sub'));
mkdirSync(join(folder, 'left-out'));
for (const name of ['a', 'sub/b', 'left-out/c']) writeFileSync(join(folder, name), name);

const at = (name: string): ByteString => fromText(name === '' ? folder : join(folder, name));
const excluder = { byPath: (path: ByteString) => path === at('left-out'), byItem: () => false };

let asked: string[] = [];
let nowMs = 0;
const clock = { elapsedMs: () => nowMs, wallNs: () => 0n, sleep: async () => {} };
const watched: SourceFiles = {
  ...realFiles,
  item: (path, name) => {
    asked.push(path.slice(folder.length));
    return realFiles.item(path, name);
  },
  names: (path) => {
    asked.push(`${path.slice(folder.length)}/`);
    return realFiles.names(path);
  },
};

async function lookedAhead(signal = new AbortController().signal): Promise<FilesAhead> {
  const files = new FilesAhead(watched, clock);
  await files.look([at('')], excluder, signal);
  return files;
}

beforeEach(() => {
  asked = [];
  nowMs = 0;
});

describe('files that are looked at ahead', () => {
  it('are those that the walk will ask for, but what is excluded', async () => {
    await lookedAhead();
    expect(asked).toEqual(['', '/', '/a', '/sub', '/sub/', '/sub/b']);
  });

  it('are told once as they were seen, then asked anew', async () => {
    const files = await lookedAhead();
    asked = [];
    expect(files.item(at('a'), fromText('a')).sizeBytes).toBe(1);
    expect(files.names(at('sub'))).toEqual(['b']);
    expect(asked).toEqual([]);
    files.item(at('a'), fromText('a'));
    files.names(at('sub'));
    expect(asked).toEqual(['/a', '/sub/']);
  });

  it('are asked anew under another name, or when what was seen is old', async () => {
    const files = await lookedAhead();
    asked = [];
    expect(files.item(at('a'), fromText('other')).name).toBe('other');
    nowMs = limits.aheadMsMax + 1;
    files.item(at('sub/b'), fromText('b'));
    expect(asked).toEqual(['/a', '/sub/b']);
  });

  it('are no more than there was time for', async () => {
    const ended = new AbortController();
    ended.abort();
    await lookedAhead(ended.signal);
    expect(asked).toEqual([]);
  });

  it('may be missing: the walk tells it', async () => {
    const files = new FilesAhead(watched, clock);
    await files.look([at('missing')], excluder, new AbortController().signal);
    expect(() => files.item(at('missing'), fromText('missing'))).toThrow(
      expect.objectContaining({ code: 'ENOENT' }),
    );
  });
});
