import { lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ByteString, fromLatin1, fromText } from '../../engine/base/byte-string.ts';
import { systemCallsAvailable, systemError } from '../../engine/system/libc.ts';
import { makeDevice, makeFifo } from '../../engine/system/special-files.ts';
import { setTimes } from '../../engine/system/times.ts';

const folder = mkdtempSync(join(tmpdir(), 'slackwater-libc-'));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string): ByteString => fromLatin1(`${fromText(folder)}/${name}`);
const stat = (path: ByteString) => lstatSync(Buffer.from(path, 'latin1'), { bigint: true });

it('is there on Linux and macOS', () => {
  expect(systemCallsAvailable()).toBe(process.platform === 'linux' || process.platform === 'darwin');
});

it('makes errors like those of node:fs', () => {
  expect(systemError(2, 'open', fromLatin1('a\xff'))).toMatchObject({
    code: 'ENOENT',
    errno: -2,
    syscall: 'open',
    path: 'a\ufffd',
  });
});

describe.skipIf(!systemCallsAvailable())('calls into the C library', () => {
  it('set times to the nanosecond, before 1970 too, and of a symlink itself', () => {
    const file = inFolder('f\xff');
    writeFileSync(Buffer.from(file, 'latin1'), '');
    setTimes(file, 1_700_000_000_123_456_789n, -1n);
    expect(stat(file)).toMatchObject({ atimeNs: 1_700_000_000_123_456_789n, mtimeNs: -1n });
    const link = inFolder('link');
    symlinkSync('nowhere', link);
    setTimes(link, 5n, 1_000_000_007n);
    expect(stat(link)).toMatchObject({ atimeNs: 5n, mtimeNs: 1_000_000_007n });
  });

  it('make fifos', () => {
    makeFifo(inFolder('fifo'));
    expect(stat(inFolder('fifo')).isFIFO()).toBe(true);
    expect(() => makeFifo(inFolder('fifo'))).toThrow(expect.objectContaining({ code: 'EEXIST' }));
  });

  it.skipIf(process.geteuid?.() !== 0)('make devices with the number that stat tells', () => {
    const number = lstatSync('/dev/null', { bigint: true }).rdev;
    makeDevice(inFolder('null'), 'chardev', number);
    makeDevice(inFolder('disk'), 'dev', 0x12345n);
    expect(stat(inFolder('null')).isCharacterDevice()).toBe(true);
    expect(stat(inFolder('null')).rdev).toBe(number);
    expect(stat(inFolder('disk')).isBlockDevice()).toBe(true);
    expect(stat(inFolder('disk')).rdev).toBe(0x12345n);
  });
});
