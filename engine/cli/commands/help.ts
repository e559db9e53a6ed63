/** `slackwater help` */
import { toText } from '../../base/byte-string.ts';
import { catalog } from '../catalog.ts';
import { defineCommand } from '../command.ts';
import { overview } from '../help.ts';
import { takeAtMost } from '../operands.ts';
import { explain, unknownCommand } from '../run-command-line.ts';

export const command = defineCommand({
  name: 'help',
  summary: 'Explain slackwater, or one of its commands',
  usage: ['help [COMMAND]'],
  description: [
    'Without a command, it lists what there is. With one, it explains it: `--help` does the same.',
  ],
  examples: [{ line: 'help backup', means: 'everything about backups' }],
  options: {},
  onlyAnswers: true,
  async run({ output }, _values, operands) {
    takeAtMost(operands, 1);
    const [operand] = operands;
    if (operand === undefined) {
      output.sayJson({
        message_type: 'help',
        commands: catalog.map(({ name, summary }) => ({ name, summary })),
      });
      output.say(overview().trimEnd());
      return undefined;
    }
    const entry = catalog.find(({ name }) => name === operand);
    if (entry === undefined) throw unknownCommand(toText(operand));
    return explain(await entry.load(), output);
  },
});
