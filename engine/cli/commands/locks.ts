/** `slackwater locks` */
import { limits } from '../../base/limits.ts';
import { type LockHolderView, viewLocks } from '../../job/view-locks.ts';
import { type Context, defineCommand } from '../command.ts';
import { lockJson, lockTable } from '../lock-sentences.ts';
import { openForCommand } from '../open-for-command.ts';
import { takeAtMost } from '../operands.ts';
import { flag } from '../option-table.ts';

export const command = defineCommand({
  name: 'locks',
  summary: 'List who works in the repository',
  usage: ['locks [--watch]'],
  description: [
    'Says who holds a lock, since when, shared or exclusive, and whether it is live or stale, with the evidence. One look cannot always tell: what it sees is remembered for the next one.',
    'It takes no lock itself.',
  ],
  examples: [{ line: 'locks --watch', means: 'look again and again, until Ctrl-C' }],
  options: { watch: flag('go on looking, and print what changes') },
  onlyAnswers: true,
  async run(context, values, operands) {
    takeAtMost(operands, 0);
    const { repository } = await openForCommand(context);
    try {
      for (let before = ''; ; ) {
        const views = await viewLocks(repository);
        const now = JSON.stringify(views);
        if (now !== before) print(context, views);
        before = now;
        if (!values.watch) return undefined;
        await context.world.clock.sleep(limits.lockWatchPollMs, context.signal);
        context.signal.throwIfAborted();
      }
    } finally {
      await repository.backend.close();
    }
  },
});

function print({ output }: Context, views: readonly LockHolderView[]): void {
  output.sayJson(views.map(lockJson));
  if (views.length === 0) output.tell('Nobody holds a lock.');
  else for (const line of lockTable(views)) output.say(line);
}
