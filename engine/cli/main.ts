/**
 * The program `slackwater`: the composition root of the command line. It owns the process: its streams, its signals and
 * its end. When the reader of stdout goes away, a command that only answers ends quietly, any other one goes on.
 */
import { homedir } from 'node:os';
import { hostFacts, realChance, realClock } from '../worker/real-world.ts';
import { exitCodes } from './exit-code.ts';
import { listenToSignals, makeInterrupts } from './interrupts.ts';
import { rawArguments } from './raw-arguments.ts';
import { runCommandLine } from './run-command-line.ts';

/** After the second Ctrl-C: how long the run may still take to remove its lock. */
const hurryMsMax = 3_000;

const args = process.argv.slice(2);
const interrupts = makeInterrupts((line) => process.stderr.write(`\n${line}\n`));
listenToSignals(process, interrupts);

let onlyAnswers = false;
let isUnread = false;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
    isUnread = true;
    if (onlyAnswers && stream === process.stdout) process.exit(exitCodes.ok);
  });
}

const ended = runCommandLine(
  { args, rawArgs: rawArguments(args) },
  { stdout: process.stdout, stderr: process.stderr },
  {
    world: { clock: realClock, chance: realChance, host: hostFacts() },
    environment: process.env,
    input: process.stdin,
    platform: process.platform,
    home: homedir(),
    signal: interrupts.signal,
    hurry: interrupts.hurry,
  },
  (started) => {
    onlyAnswers = started.onlyAnswers;
  },
);

const hurried = new Promise<typeof exitCodes.cancelled>((resolve) => {
  interrupts.hurry.addEventListener('abort', () => {
    void realClock.sleep(hurryMsMax).then(() => resolve(exitCodes.cancelled));
  });
});

const code = await Promise.race([ended, hurried]);
if (!isUnread) await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(code);

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
