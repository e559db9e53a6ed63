import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromText } from '../../engine/base/byte-string.ts';
import { sealBlob } from '../../engine/compute/seal-blob.ts';
import { idOf } from '../../engine/format/id.ts';
import { makeSealKey } from '../../engine/format/seal.ts';
import { type FillRequest, fillSkill } from '../../engine/job/restore-skill.ts';
import { realFiles } from '../../engine/source/source-files.ts';
import { statOf } from '../../engine/system/stat.ts';
import { type Draft, openSafeFolder } from '../../engine/target/safe-folder.ts';
import type { TargetPath } from '../../engine/target/safe-name.ts';
import { seededChance, virtualClock } from '../support/fixed-world.ts';
import { node } from './restore-world.ts';

const chance = seededChance('fill');
const key = makeSealKey(chance);
const world = { chance, clock: virtualClock(0n), files: realFiles };
const contents = [Buffer.from('first '.repeat(100)), Buffer.from('second '.repeat(100))];
let target: string;

beforeEach(() => {
  target = mkdtempSync(join(tmpdir(), 'slackwater-fill-'));
});
afterEach(() => rmSync(target, { recursive: true }));

function begin() {
  const seen = statOf(fromText(target));
  const rules = { setIdBits: true };
  return fillSkill.begin(
    { key, target: fromText(target), seen, rules, replace: 'entry', sparse: false },
    world,
    () => {},
  );
}

interface Given {
  readonly wrongAt?: number;
  readonly draft?: Draft;
  readonly folderOfB?: TargetPath;
}

/** Two blobs in a row, with the byte at `wrongAt` changed; file 0 has the first, file 1 both, file 2 the second. */
function request({ wrongAt, draft, folderOfB = [] }: Given = {}): FillRequest {
  const sealed = contents.map((bytes) =>
    sealBlob({ key, version: 2, compression: 'auto', chance }, 'data', idOf(bytes), bytes),
  );
  const bytes = Uint8Array.from(Buffer.concat(sealed.map((blob) => blob.sealed)));
  if (wrongAt !== undefined) bytes[wrongAt]! ^= 1;
  const offsets = [0, sealed[0]!.sealed.length];
  const nodes = ['a', 'b', 'c'].map((name) => node(name, 'file', 0o640));
  return {
    offset: 1000,
    bytes,
    folders: [[], folderOfB],
    files: {
      folder: [0, 1, 0],
      name: nodes.map(({ name }) => name),
      sizeBytes: [1, 1, 1],
      draft: [undefined, draft, undefined],
      mode: nodes.map(({ mode }) => mode),
      uid: nodes.map(({ uid }) => uid),
      gid: nodes.map(({ gid }) => gid),
      mtime: nodes.map(({ mtime }) => mtime),
      atime: nodes.map(({ atime }) => atime),
      extendedAttributes: [[], [], []],
    },
    blobs: {
      id: sealed.map(({ id }) => id),
      type: ['data', 'data'],
      offset: offsets.map((offset) => 1000 + offset),
      length: sealed.map(({ sealed: { length } }) => length),
      plainLength: sealed.map(({ plainLength }) => plainLength),
      uses: [2, 2],
    },
    uses: { file: [0, 1, 2, 1], position: [0, 0, 0, contents[0]!.length] },
  };
}

describe('a hand that fills files', () => {
  it('makes those that are whole in its stretch, with their metadata', async () => {
    const { answer } = await begin().work(request());
    expect(answer.unopened).toEqual([]);
    expect(answer.files.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
    expect(readdirSync(target).sort()).toEqual(['a', 'b', 'c']);
    expect(readFileSync(join(target, 'b'))).toEqual(Buffer.concat(contents));
    expect(statSync(join(target, 'b')).mode & 0o777).toBe(0o640);
  });

  it('leaves a file whose blob does not open to its caller, and nothing of it behind', async () => {
    const { answer } = await begin().work(request({ wrongAt: 20 }));
    expect(answer.unopened).toEqual([0]);
    expect(readdirSync(target)).toEqual(['c']);
  });

  it('adds to a draft of its caller, and leaves it without a name', async () => {
    const folder = openSafeFolder(fromText(target), chance);
    const draft = folder.draftFile([fromText('b')], 0, false);
    const { answer } = await begin().work(request({ draft }));
    expect(answer.files[1]).toEqual({ writtenBytes: 1300, problems: [] });
    expect(readdirSync(target)).not.toContain('b');
    folder.publish(draft, 'nothing');
    expect(readFileSync(join(target, 'b'))).toEqual(Buffer.concat(contents));
    folder.close();
  });

  it('says why a file cannot be written, and writes the others', async () => {
    const { answer } = await begin().work(request({ folderOfB: [fromText('missing')] }));
    expect(answer.files[1]?.error).toMatchObject({ system: { code: 'ENOENT' } });
    expect(readdirSync(target).sort()).toEqual(['a', 'c']);
  });

  it('does not begin in a folder that is not the one that was seen', () => {
    const seen = { ...statOf(fromText(target)), inode: 1n };
    const setup = {
      key,
      target: fromText(target),
      seen,
      rules: { setIdBits: true },
      replace: 'entry',
      sparse: false,
    } as const;
    expect(() => fillSkill.begin(setup, world, () => {})).toThrow('target-unsafe');
  });
});
