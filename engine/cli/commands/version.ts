/** `slackwater version` */

import { programVersion } from '../../base/version.ts';
import { defineCommand } from '../command.ts';
import { takeAtMost } from '../operands.ts';

export const command = defineCommand({
  name: 'version',
  summary: 'Print the version',
  usage: ['version'],
  description: [
    'Prints the versions of the program, of its runtime, and of the repository format that it speaks.',
  ],
  examples: [{ line: 'version --json', means: 'the same for a program' }],
  options: {},
  onlyAnswers: true,
  async run({ output, platform }, _values, operands) {
    takeAtMost(operands, 0);
    const { arch, version } = process;
    output.sayJson({
      message_type: 'version',
      version: programVersion,
      node_version: version,
      os: platform,
      arch,
      repository_versions: [1, 2],
    });
    output.say(
      `slackwater ${programVersion} (Node ${version}, ${platform}/${arch}; speaks restic repository format 1 and 2)`,
    );
    return undefined;
  },
});
