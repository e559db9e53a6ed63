/** `slackwater unlock` */
import { Failure } from '../../base/failure.ts';
import { type LockHolderView, removeLocks, viewLocks } from '../../job/view-locks.ts';
import { type Context, defineCommand } from '../command.ts';
import { showCounted } from '../display.ts';
import { lockJson, lockTable } from '../lock-sentences.ts';
import { openForCommand } from '../open-for-command.ts';
import { takeAtMost } from '../operands.ts';
import { flag } from '../option-table.ts';
import { lineFromInput } from '../read-password.ts';

export const command = defineCommand({
  name: 'unlock',
  summary: 'Remove locks that nobody holds any more',
  usage: ['unlock', 'unlock --remove-all [--yes]'],
  description: [
    'Removes only locks that are proven stale: left by a run of ours that has ended, or not refreshed while their process is gone, or for half an hour. Where one look cannot tell, a second one some minutes later can.',
    '--remove-all removes every lock, live ones too. Whoever works in the repository then works without protection: a `prune` beside a backup can destroy what it stores.',
  ],
  examples: [{ line: 'unlock', means: 'remove what is proven stale, and say why the others stay' }],
  options: {
    removeAll: flag('remove every lock, whoever holds it (dangerous)'),
    yes: flag('do not ask before --remove-all'),
  },
  onlyAnswers: false,
  async run(context, values, operands) {
    takeAtMost(operands, 0);
    const { repository } = await openForCommand(context);
    try {
      const views = await viewLocks(repository);
      const doomed = views.filter(({ verdict }) => values.removeAll || verdict.is === 'stale');
      if (values.removeAll && doomed.length > 0) await confirm(context, doomed, values.yes);
      for (const { ids } of doomed) await removeLocks(repository, ids);
      tell(
        context,
        doomed,
        views.filter((view) => !doomed.includes(view)),
      );
    } finally {
      await repository.backend.close();
    }
    return undefined;
  },
});

async function confirm(context: Context, doomed: readonly LockHolderView[], isSure: boolean): Promise<void> {
  const { output, input } = context;
  const live = doomed.filter(({ verdict }) => verdict.is !== 'stale').length;
  if (live > 0)
    output.warn(
      `${showCounted(live, 'lock')} may be held by somebody who works here right now; without it, a prune can destroy a backup that runs.`,
    );
  if (isSure) return;
  if (!input.isTTY)
    throw new Failure('usage', {
      why: 'Removing every lock has to be confirmed, and there is nobody to ask.',
      instead: 'Add --yes where it is meant.',
    });
  for (const line of lockTable(doomed)) output.note(line);
  const answer = await lineFromInput(context, 'Remove all of them? Type yes: ');
  if (answer.trim() !== 'yes') throw new Failure('cancelled');
}

function tell(
  { output }: Context,
  removed: readonly LockHolderView[],
  kept: readonly LockHolderView[],
): void {
  output.sayJson({ message_type: 'unlocked', removed: removed.map(lockJson), kept: kept.map(lockJson) });
  output.tell(`Removed ${showCounted(removed.length, 'lock')}.`);
  if (kept.length === 0) return;
  output.note('These stay:');
  for (const line of lockTable(kept)) output.note(line);
}
