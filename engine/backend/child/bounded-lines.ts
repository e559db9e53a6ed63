/** Lines of what a program says beside its work, from a stream that may be hostile: short, printable, none lost in between. */
import type { Readable } from 'node:stream';
import { limits } from '../../base/limits.ts';

/** What could move a terminal's cursor or turn the direction of writing. */
const dangerous = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

export function boundedLines(stream: Readable, hear: (line: string) => void): void {
  let line = '';
  const end = (): void => {
    const text = line.replace(dangerous, ' ').trim();
    line = '';
    if (text !== '') hear(text);
  };
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const [first = '', ...others] = text.split(/\r?\n|\r/);
    for (const [i, part] of [first, ...others].entries()) {
      if (i > 0) end();
      line = (line + part).slice(0, limits.programNoteCharsMax);
    }
  });
  stream.on('error', () => undefined);
  stream.on('close', end);
}
