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
import { openSafeFolder } from '../../engine/target/safe-folder.ts';
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
  return fillSkill.begin({ key, target: fromText(target), seen, rules, replace: 'entry' }, world, () => {});
}

/** Two blobs in a row, with the byte at `wrongAt` changed; file 0 has the first, file 1 both, file 2 the second. */
function request(wrongAt?: number): FillRequest {
  const sealed = contents.map((bytes) =>
    sealBlob({ key, version: 2, compression: 'auto', chance }, 'data', idOf(bytes), bytes),
  );
  const bytes = Uint8Array.from(Buffer.concat(sealed.map((blob) => blob.sealed)));
  if (wrongAt !== undefined) bytes[wrongAt]! ^= 1;
  const offsets = [0, sealed[0]!.sealed.length];
  const blobs = sealed.map(({ type, id, plainLength, sealed: { length } }, i) => ({
    blob: { type, id, plainLength, length, offset: 1000 + offsets[i]! },
    uses: [
      { file: i * 2, position: 0 },
      { file: 1, position: i * contents[0]!.length },
    ],
  }));
  const files = ['a', 'b', 'c'].map((name) => ({
    path: [fromText(name)],
    sizeBytes: 1,
    sparse: false,
    draft: undefined,
    metadata: node(name, 'file', 0o640),
  }));
  return { offset: 1000, bytes, files, blobs };
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
    const { answer } = await begin().work(request(20));
    expect(answer.unopened).toEqual([0]);
    expect(readdirSync(target)).toEqual(['c']);
  });

  it('adds to a draft of its caller, and leaves it without a name', async () => {
    const folder = openSafeFolder(fromText(target), chance);
    const draft = folder.draftFile([fromText('b')], 0, false);
    const asked = request();
    const files = asked.files.map((file, i) => (i === 1 ? { ...file, draft } : file));
    const { answer } = await begin().work({ ...asked, files });
    expect(answer.files[1]).toMatchObject({ writtenBytes: 1300, error: undefined });
    expect(readdirSync(target)).not.toContain('b');
    folder.publish(draft, 'nothing');
    expect(readFileSync(join(target, 'b'))).toEqual(Buffer.concat(contents));
    folder.close();
  });

  it('says why a file cannot be written, and writes the others', async () => {
    const asked = request();
    const files = asked.files.map((file, i) =>
      i === 1 ? { ...file, path: [fromText('missing'), fromText('b')] } : file,
    );
    const { answer } = await begin().work({ ...asked, files });
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
    } as const;
    expect(() => fillSkill.begin(setup, world, () => {})).toThrow('target-unsafe');
  });
});
