/**
 * The extended attributes (ACLs among them) of everything in a folder, read by the program `getfattr` so that tests
 * need not believe our own code. Without that program there are none; in CI that is a failure.
 */
import { spawnSync } from 'node:child_process';

/** Path (relative, bytes as characters) to a text that is the same when the attributes are. */
export function readTreeAttributes(top: string): Map<string, string> {
  const args = ['-R', '-P', '-h', '-d', '-m', '-', '-e', 'hex', '.'];
  const { error, stdout, stderr } = spawnSync('getfattr', args, {
    cwd: top,
    encoding: 'latin1',
    maxBuffer: 512 * 1024 * 1024,
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (error !== undefined) {
    if (process.env.CI)
      throw new Error('CI must have getfattr, or attributes are not compared', { cause: error });
    return new Map();
  }
  // A kind of file that has no attributes is none to worry about.
  const trouble = stderr
    .split('\n')
    .filter((line) => line !== '' && !/Operation not (?:permitted|supported)/.test(line));
  if (trouble.length > 0) throw new Error(`getfattr: ${trouble[0]}`);
  return parseAttributes(stdout);
}

/** Blocks of `# file: PATH` and `NAME=0xHEX` lines; odd bytes are written as backslash and three octal digits. */
export function parseAttributes(dump: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const block of dump.split('\n\n')) {
    const [head, ...lines] = block.split('\n');
    const path = head === undefined ? undefined : /^# file: (.*)$/.exec(head)?.[1];
    if (path === undefined) continue;
    attributes.set(
      unquote(path),
      lines
        .map((line) => line.replace(/=(?:0x)?$/, ''))
        .sort()
        .join(' '),
    );
  }
  return attributes;
}

function unquote(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
