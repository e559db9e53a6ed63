/** Tells people and programs what a check finds, and how far it is. */
import type { Clock } from '../base/clock.ts';
import type { CheckListener } from '../job/check-telling.ts';
import { bytesPerSecond, timeLeft } from '../machine/rate.ts';
import type { CheckFinding, CheckPhase, CheckProgress, CheckSummary } from '../protocol/check-news.ts';
import type { Moment } from './backup-frame.ts';
import { sentenceOfFinding } from './check-sentences.ts';
import { showBytes, showCount, showCounted, showDuration, showTimeLeft } from './display.ts';
import type { Output } from './output.ts';
import type { Environment } from './parse-options.ts';
import { fitEnd } from './printable.ts';
import { ProgressDisplay, type ProgressView } from './terminal-progress.ts';

export class CheckReport implements CheckListener {
  readonly #output: Output;
  readonly #display: ProgressDisplay<CheckProgress>;

  constructor(output: Output, clock: Clock, environment: Environment) {
    this.#output = output;
    this.#display = new ProgressDisplay(output, clock, checkView, environment);
    this.#display.start();
  }

  progress(progress: CheckProgress): void {
    this.#display.tell(progress);
  }

  finding(finding: CheckFinding): void {
    const sentence = sentenceOfFinding(finding);
    const { code, detail } = finding;
    if (finding.severity === 'error') {
      this.#output.fail(sentence, { message_type: 'error', message: sentence, code, detail });
    } else if (this.#output.verbosity >= 2) {
      this.#output.note(`hint: ${sentence}`);
    }
  }

  async end(): Promise<void> {
    await this.#display.end();
  }

  summary(summary: CheckSummary): void {
    this.#output.sayJson(checkSummaryJson(summary));
    for (const line of checkSummaryLines(summary)) this.#output.tell(line);
  }
}

const phaseNames: Readonly<Record<CheckPhase, string>> = {
  index: 'Reading the index',
  packs: 'Looking at the packs',
  snapshots: 'Walking the snapshots',
  data: 'Reading the data',
};

const checkView: ProgressView<CheckProgress> = {
  bytes: ({ bytesDone }) => bytesDone,
  frame: (progress, moment) => [fitEnd(checkLine(progress, moment), moment.columns - 1)],
  line: checkLine,
  json: undefined,
};

function checkLine(progress: CheckProgress, { rate, elapsedMs }: Moment): string {
  const { phase, done, total, bytesDone, bytesTotal, errors } = progress;
  const pace = phase === 'data' ? bytesPerSecond(rate) : undefined;
  const left = phase === 'data' ? timeLeft(rate, bytesTotal - bytesDone) : undefined;
  return [
    `${phaseNames[phase]}: ${showCount(done)} of ${showCount(total)}`,
    phase === 'data' ? `${showBytes(bytesDone)} of ${showBytes(bytesTotal)}` : '',
    pace === undefined ? '' : `${showBytes(pace)}/s`,
    left === undefined ? '' : showTimeLeft(left),
    showDuration(elapsedMs),
    errors === 0 ? '' : showCounted(errors, 'error'),
  ]
    .filter(Boolean)
    .join(', ');
}

/** restic's fields, and what was read. */
function checkSummaryJson(summary: CheckSummary): Record<string, unknown> {
  const { errors, hints, brokenPacks, suggestRepairIndex, suggestPrune, packsRead, bytesRead } = summary;
  return {
    message_type: 'summary',
    num_errors: errors,
    broken_packs: brokenPacks.length === 0 ? null : brokenPacks,
    suggest_repair_index: suggestRepairIndex,
    suggest_prune: suggestPrune,
    num_hints: hints,
    packs_read: packsRead,
    bytes_read: bytesRead,
  };
}

function checkSummaryLines(summary: CheckSummary): string[] {
  const { errors, brokenPacks, suggestRepairIndex, suggestPrune, packsRead, bytesRead } = summary;
  return [
    ...(packsRead === 0 ? [] : [`Read ${showCounted(packsRead, 'pack')}, ${showBytes(bytesRead)}.`]),
    ...(brokenPacks.length === 0
      ? []
      : [
          'Some packs are damaged. This saves what is whole in them (make a copy of the repository first):',
          `  restic repair packs ${brokenPacks.join(' ')}`,
          '  restic repair snapshots --forget',
        ]),
    ...(suggestRepairIndex ? ['The index is not in order; `restic repair index` puts it right.'] : []),
    ...(suggestPrune ? ['Some space could be freed or tidied: `restic prune` does it.'] : []),
    errors === 0
      ? 'The repository is whole: no errors were found.'
      : `${showCounted(errors, 'error')} found.`,
  ];
}
