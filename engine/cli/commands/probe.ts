/** `slackwater probe` */

import { openBare } from '../../backend/open-backend.ts';
import { looksSealed, probeStore } from '../../backend/probe.ts';
import { toText } from '../../base/byte-string.ts';
import { Failure } from '../../base/failure.ts';
import {
  lossPercentOf,
  type NetworkQuality,
  nextProbeMs,
  startNetworkQuality,
  stepNetworkQuality,
} from '../../machine/network-quality.ts';
import { namedRepository } from '../choose-repository.ts';
import { type Context, defineCommand } from '../command.ts';
import { exitCodes } from '../exit-code.ts';
import { flag } from '../option-table.ts';

export const command = defineCommand({
  name: 'probe',
  summary: 'Look how good the network to a repository is',
  usage: ['probe [REPOSITORY] [--watch]'],
  description: [
    'Reaches the store, as a backup would, and reads one small file: how long that takes, and whether it is the store that answers. No password is needed.',
    'One look says whether it can be reached. With --watch the looks add up to what a waiting backup sees: unknown, good, weak or offline.',
  ],
  examples: [
    { line: 'probe rest:http://127.0.0.1:8000/ --watch', means: 'look again and again, until Ctrl-C' },
  ],
  options: { watch: flag('go on looking, until Ctrl-C') },
  onlyAnswers: true,
  async run(context, values, operands) {
    const { world, environment, global, signal } = context;
    const location =
      operands[0] === undefined ? await namedRepository(global, environment) : toText(operands[0]);
    if (location === undefined || operands.length > 1)
      throw new Failure('usage', {
        why: '`slackwater probe` takes one repository.',
        instead: 'Name it, or give -r.',
      });
    const { clock } = world;
    let quality = startNetworkQuality(clock.elapsedMs());
    for (;;) {
      const { backend } = openBare(location, { ...world, access: environment });
      const result = await probeStore(backend, clock, looksSealed, signal);
      signal.throwIfAborted();
      const { outcome, tookMs } = result;
      const sample = { outcome, ...(tookMs === undefined ? {} : { roundTripMs: tookMs }) };
      quality = stepNetworkQuality(quality, { type: 'sample', ...sample }, clock.elapsedMs());
      tell(context, result, quality);
      if (!values.watch) return outcome === 'ok' ? exitCodes.ok : exitCodes.failed;
      await clock.sleep(nextProbeMs(quality), signal);
    }
  },
});

function tell(
  { output }: Context,
  { outcome, tookMs, code }: Awaited<ReturnType<typeof probeStore>>,
  quality: NetworkQuality,
): void {
  const lossPercent = Math.round(lossPercentOf(quality));
  output.sayJson({
    message_type: 'probe',
    outcome,
    ...(tookMs === undefined ? {} : { took_ms: Math.round(tookMs) }),
    ...(code === undefined ? {} : { code }),
    network: quality.level,
    because: quality.why,
    loss_percent: lossPercent,
  });
  const what = {
    ok: 'The store answers',
    failed: 'No answer',
    foreign: 'Something that is not the store answers',
  };
  const took = tookMs === undefined ? '' : ` in ${Math.round(tookMs)} ms`;
  const why = code === undefined ? '' : ` (${code})`;
  output.say(`${what[outcome]}${took}${why}; network ${quality.level}, ${lossPercent} % lost.`);
}
