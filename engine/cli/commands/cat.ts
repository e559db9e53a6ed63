/** `slackwater cat` */
import { fromText } from '../../base/byte-string.ts';
import { Failure } from '../../base/failure.ts';
import { parseExact } from '../../format/json.ts';
import { type CatKind, catKinds, catObject } from '../../job/cat.ts';
import { defineCommand } from '../command.ts';
import { lookInto } from '../look-into.ts';
import { required, takeAtMost } from '../operands.ts';

/** What is JSON in the repository, if not in a line. */
const jsonKinds: readonly CatKind[] = ['config', 'index', 'snapshot', 'key', 'lock'];

export const command = defineCommand({
  name: 'cat',
  summary: 'Print an object of the repository as it is',
  usage: ['cat config', 'cat snapshot | index | key | lock | pack | blob ID', 'cat tree SNAPSHOT[:FOLDER]'],
  description: [
    'Prints what is stored, decrypted: JSON for everything but packs and data blobs, which come as bytes. Ids may be shortened. The master key is never printed.',
    '`cat config` tells a script whether there is a repository, and whether the password opens it.',
  ],
  examples: [
    { line: 'cat config', means: 'exit code 10 where there is no repository' },
    { line: 'cat tree latest:/etc', means: 'the entries of a folder as they are stored' },
  ],
  options: {},
  onlyAnswers: true,
  async run(context, _values, operands) {
    const { output } = context;
    const kind = catKinds.find((each) => each === required(operands, 0, 'What to print'));
    if (kind === undefined) {
      throw new Failure('usage', {
        why: `"${required(operands, 0, '')}" cannot be printed.`,
        instead: `There are ${catKinds.filter((each) => each !== 'masterkey').join(', ')}.`,
      });
    }
    const isAlone = kind === 'config' || kind === 'masterkey';
    takeAtMost(operands, isAlone ? 1 : 2);
    if (!isAlone) required(operands, 1, 'The id');
    await lookInto(context, async (repository, signal) => {
      const pieces = catObject(repository, kind, operands[1] ?? fromText(''), signal);
      if (!output.json || !jsonKinds.includes(kind)) {
        for await (const piece of pieces) output.sayBytes(piece);
        return;
      }
      const all: Uint8Array[] = [];
      for await (const piece of pieces) all.push(piece);
      output.sayJson(parseExact(Buffer.concat(all).toString('utf8')));
    });
    return undefined;
  },
});
