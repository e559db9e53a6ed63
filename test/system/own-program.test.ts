import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { unchangedStretches, unmapOwnProgram } from '../../engine/system/own-program.ts';

const mapping = (range: string, rights: string, path: string, anonymousKib: number): string =>
  `${range} ${rights} 00000000 fe:00 42                     ${path}
Size:               3352 kB
Rss:                1000 kB
Anonymous:       ${String(anonymousKib).padStart(8)} kB
AnonHugePages:         0 kB
VmFlags: rd ex mr mw me sd
`;

describe('what is mapped of the program', () => {
  it('is what is not to be written to and is as it is in the file', () => {
    const smaps = [
      mapping('00400000-00746000', 'r--p', '/opt/node 24', 0),
      mapping('0074a000-03044000', 'r-xp', '/opt/node 24', 0),
      mapping('03045000-03046000', 'r--p', '/opt/node 24', 4),
      mapping('03046000-03047000', 'rw-p', '/opt/node 24', 0),
      mapping('7fe947580000-7fe947785000', 'r-xp', '/opt/other', 0),
      mapping('7ffef0fd4000-7ffef0ff5000', 'rw-p', '[stack]', 0),
      mapping('7fe947790000-7fe9477a0000', 'r--p', '', 0),
    ].join('');
    expect(unchangedStretches(smaps, '/opt/node 24')).toEqual([
      { address: 0x400000n, bytes: 0x346000 },
      { address: 0x74a000n, bytes: 0x28fa000 },
    ]);
    expect(unchangedStretches('', '/opt/node 24')).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('is mapped no longer, and again where it is needed', () => {
    const mappedKib = (): number =>
      Number(/^RssFile:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]);
    const before = mappedKib();
    unmapOwnProgram();
    expect(mappedKib()).toBeLessThan(0.8 * before);
    expect(JSON.parse('{"as":["before"]}')).toEqual({ as: ['before'] });
    unmapOwnProgram();
  });
});
