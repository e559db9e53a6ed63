/** `slackwater pending` */
import { toText } from '../../base/byte-string.ts';
import { wallMs } from '../../base/clock.ts';
import { Failure } from '../../base/failure.ts';
import { finishCommit } from '../../job/finish-commit.ts';
import { lookLate } from '../../job/late-look.ts';
import {
  dropPending,
  findPending,
  type PendingRun,
  pendingRuns,
  summaryOf,
} from '../../job/pending-commits.ts';
import type { RunMemory } from '../../job/run-memory.ts';
import { type Context, defineCommand } from '../command.ts';
import { showBytes, showCounted, showDuration, showTable } from '../display.ts';
import { openForCommand } from '../open-for-command.ts';
import { flag } from '../option-table.ts';
import { gateTo, withRunMemory } from '../pending-work.ts';
import { printable } from '../printable.ts';
import { tellIncomplete } from '../tell-incomplete.ts';

export const command = defineCommand({
  name: 'pending',
  summary: 'Show and finish backups that wait for their vault',
  usage: ['pending [list]', 'pending show ID', 'pending finish [ID]', 'pending drop ID --yes'],
  description: [
    'A backup whose last step could not be made is sealed on this machine: encrypted, complete but for what is sent already, and safe from crashes. It is finished by the next backup to the same repository, or by `finish`.',
    '`finish` needs the repository and its password. Without an ID it finishes all that wait for that repository, now, even over a weak network.',
    'It also looks once more at the snapshots that this machine saved more than a day ago, as a backup does: one that has lost something, because another program removed it, is named.',
    '`drop` gives a backup up. What it has sent stays in the repository until a prune.',
  ],
  examples: [
    { line: 'pending', means: 'what waits, since when, and why' },
    { line: 'pending finish', means: 'finish all that wait for this repository' },
  ],
  options: { yes: flag('do not ask before dropping') },
  onlyAnswers: false,
  async run(context, values, operands) {
    const [action = 'list', id = '', ...rest] = operands.map(toText);
    if (rest.length > 0 || (action === 'list' && id !== '')) throw usage();
    return await withRunMemory(context, async (memory) => {
      if (memory === undefined) throw new Failure('io', { operation: 'open', path: 'the journal' });
      if (action === 'list') list(context, pendingRuns(memory));
      else if (action === 'show' && id !== '') show(context, memory, findPending(memory, id));
      else if (action === 'finish') await finish(context, memory, id);
      else if (action === 'drop' && id !== '')
        await drop(context, memory, findPending(memory, id), values.yes);
      else throw usage();
      return undefined;
    });
  },
});

function usage(): Failure {
  return new Failure('usage', {
    why: '`slackwater pending` takes list, show ID, finish [ID] or drop ID.',
    instead: '`slackwater help pending` explains them.',
  });
}

function list({ output, world }: Context, runs: readonly PendingRun[]): void {
  output.sayJson(runs.map(pendingJson));
  if (runs.length === 0) {
    output.tell('Nothing waits.');
    return;
  }
  const nowMs = wallMs(world.clock);
  const columns = [{ title: 'ID' }, { title: 'Waits since' }, { title: 'Vault' }, { title: 'Sources' }];
  const rows = runs.map((run) => [
    [run.runId.slice(0, 8)],
    [showDuration(Math.max(0, nowMs - run.seal.sealedMs))],
    [printable(run.location)],
    run.sources.map(printable),
  ]);
  for (const line of showTable(columns, rows)) output.say(line);
}

function show({ output }: Context, memory: RunMemory, run: PendingRun): void {
  const unsent = memory.journal.packs(run.runId).filter(({ at }) => at === 'spooled');
  const unsentBytes = unsent.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  output.sayJson({ ...pendingJson(run), unsent_packs: unsent.length, unsent_bytes: unsentBytes });
  output.say(`Backup   ${run.runId}`);
  output.say(`Vault    ${printable(run.location)}`);
  for (const source of run.sources) output.say(`Source   ${printable(source)}`);
  output.say(`Snapshot ${run.seal.snapshot.id.slice(0, 8)} of ${summaryOf(run).startedAt}`);
  output.say(`To send  ${showCounted(unsent.length, 'pack')}, ${showBytes(unsentBytes)}, and its index`);
  if (run.attempts > 0)
    output.say(`Tried    ${showCounted(run.attempts, 'time')}, at last ${printable(run.lastFailure)}`);
}

async function finish(context: Context, memory: RunMemory, id: string): Promise<void> {
  const { output, signal, global } = context;
  const wanted = id === '' ? undefined : findPending(memory, id);
  const { repository, line } = await openForCommand(context);
  try {
    const own = pendingRuns(memory, repository.config.id);
    const runs = wanted === undefined ? own : [wanted];
    const gate = await gateTo(context, repository, { line });
    for (const run of runs) {
      if (!memory.isFree(run, repository.world)) {
        output.note(`${run.runId.slice(0, 8)} is being finished by another process.`);
        continue;
      }
      gate.finishNow();
      const { runId } = run;
      const lockRetryMs = global.retryLock ?? 0;
      const onStep = (step: string): void => output.sayJson({ message_type: 'status', phase: step });
      const snapshotId = await finishCommit({ repository, memory, runId, gate, lockRetryMs, signal, onStep });
      output.sayJson({ message_type: 'finished', id: runId, snapshot_id: snapshotId });
      output.tell(`Finished: snapshot ${snapshotId.slice(0, 8)} saved and verified.`);
    }
    if (runs.length === 0) output.tell('Nothing waits for this repository.');
    await lookLate({ repository, memory, signal, tell: (news) => tellIncomplete(output, news) });
  } finally {
    await repository.backend.close();
  }
}

async function drop(
  { output, world }: Context,
  memory: RunMemory,
  run: PendingRun,
  isSure: boolean,
): Promise<void> {
  if (!isSure)
    throw new Failure('usage', {
      why: 'A dropped backup cannot be brought back.',
      instead: 'Add --yes where it is meant.',
    });
  await dropPending(memory, run, world.clock);
  output.sayJson({ message_type: 'dropped', id: run.runId });
  output.tell(`Dropped ${run.runId.slice(0, 8)}.`);
}

function pendingJson(run: PendingRun) {
  const { runId, location, sources, seal, attempts, lastFailure, lastAttemptMs } = run;
  return {
    id: runId,
    location,
    sources,
    sealed_ms: seal.sealedMs,
    snapshot_id: seal.snapshot.id,
    attempts,
    ...(attempts === 0 ? {} : { last_attempt_ms: lastAttemptMs, last_failure: lastFailure }),
  };
}
