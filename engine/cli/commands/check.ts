/** `slackwater check` */
import { Failure } from '../../base/failure.ts';
import { proveSkill } from '../../compute/prove-skill.ts';
import { runCheck } from '../../job/check.ts';
import { type ReadData, readDataPartsMax } from '../../job/check-select.ts';
import { SummedPacks } from '../../job/summed-packs.ts';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-code.ts';
import { openForCommand } from '../open-for-command.ts';
import { takeAtMost } from '../operands.ts';
import { flag, text } from '../option-table.ts';
import { parseSize } from '../quantities.ts';
import { CheckReport } from '../report-check.ts';

export const command = defineCommand({
  name: 'check',
  summary: 'Prove that the repository is whole',
  usage: ['check [--read-data | --read-data-subset SUBSET]'],
  description: [
    'Looks whether everything that the snapshots need is there: indexes, packs, trees, and every piece of every file. It does not read the files themselves unless told to: --read-data reads all, --read-data-subset a part.',
    'A subset is `2/5` (the second fifth: five such runs read everything), `10%` or `2G` (chosen at random).',
    'It writes nothing but a lock, and mends nothing; what it finds, it names.',
  ],
  examples: [
    { line: 'check', means: 'is everything there?' },
    { line: 'check --read-data-subset 5%', means: 'and can a twentieth of it, chosen at random, be read?' },
    { line: 'check --read-data', means: 'can all of it be read?' },
  ],
  options: {
    readData: flag('read and prove all data'),
    readDataSubset: text('SUBSET', 'read and prove a part: N/T, X% or a size'),
  },
  onlyAnswers: false,
  async run(context, values, operands) {
    takeAtMost(operands, 0);
    const readData = readDataOf(values.readData, values.readDataSubset);
    if (readData.read !== 'none') context.world.compute.makeReady(proveSkill);
    const { output, global, signal } = context;
    const summed = new SummedPacks();
    const { repository } = await openForCommand(context, {
      noCache: true,
      patience: 'run',
      ...(readData.read === 'all' ? { meanwhile: (backend, signal) => summed.sum(backend, signal) } : {}),
    });
    const report = new CheckReport(output, context.world.clock, context.environment);
    try {
      const request = { readData, noLock: global.noLock, lockRetryMs: global.retryLock ?? 0, summed };
      const summary = await runCheck(repository, request, report, signal);
      await report.end();
      report.summary(summary);
      if (summary.errors === 0) return exitCodes.ok;
      const message = 'The repository is damaged. Make a copy of it before you try to mend it.';
      output.fail(message, { message_type: 'exit_error', code: exitCodes.failed, message });
      return exitCodes.failed;
    } finally {
      await report.end();
      await repository.backend.close();
    }
  },
});

function readDataOf(all: boolean, subset: string | undefined): ReadData {
  if (subset === undefined) return { read: all ? 'all' : 'none' };
  if (all) throw new Failure('usage', { why: '--read-data and --read-data-subset exclude each other.' });
  const fraction = /^(\d+)\/(\d+)$/.exec(subset);
  if (fraction !== null) {
    const [part, parts] = [Number(fraction[1]), Number(fraction[2])];
    if (part >= 1 && part <= parts && parts <= readDataPartsMax) return { read: 'part', part, parts };
    throw badSubset(subset, `In N/T, T is at most ${readDataPartsMax}, and N is from 1 to T.`);
  }
  const share = /^(\d+(?:\.\d+)?)%$/.exec(subset);
  if (share !== null) {
    const percent = Number(share[1]);
    if (percent > 0 && percent <= 100) return { read: 'percent', percent };
    throw badSubset(subset, 'A percentage is above 0 and at most 100.');
  }
  const bytes = parseSize(subset);
  if (bytes !== undefined && bytes > 0) return { read: 'bytes', bytes };
  throw badSubset(subset, 'Write it as in 2/5, 10% or 2G.');
}

function badSubset(subset: string, instead: string): Failure {
  return new Failure('usage', { why: `"${subset}" is not a subset.`, instead });
}
