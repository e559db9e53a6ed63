/**
 * The program `slackwater`: the composition root of the command line. It owns the process: its streams, its signals and
 * its end. When the reader of stdout goes away, a command that only answers ends quietly, any other one goes on.
 */
import { closeSync, openSync } from 'node:fs';
import { homedir } from 'node:os';
import { isatty } from 'node:tty';
import { fromText } from '../base/byte-string.ts';
import {
  hostFacts,
  keepLean,
  lookAtProcess,
  realChance,
  realClock,
  realCompute,
  realThreadCount,
} from '../worker/real-world.ts';
import { exitCodes } from './exit-code.ts';
import { listenToSignals, makeInterrupts } from './interrupts.ts';
import { rawArguments } from './raw-arguments.ts';
import { runCommandLine, type Started } from './run-command-line.ts';

/** After the second Ctrl-C: how long the run may still take to remove its lock. */
const hurryMsMax = 3_000;

keepLean();
const compute = realCompute();
const args = process.argv.slice(2);
let started: Started | undefined;
const wasAtTerminal = [0, 1, 2].some((stream) => isatty(stream));
const interrupts = makeInterrupts((line) => started?.output.note(line), realClock);
listenToSignals(process, interrupts, isTerminalGone);

/** Streams that lost their reader: nothing is written to them any more, least of all about that. */
const unread = new Set<NodeJS.WriteStream>();
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => {
    unread.add(stream);
    if (stream === process.stdout && started?.command.onlyAnswers) interrupts.stopAnswering();
  });
}

const ended = runCommandLine(
  { args, rawArgs: rawArguments(args) },
  { stdout: process.stdout, stderr: process.stderr },
  {
    world: { clock: realClock, chance: realChance, host: hostFacts(), compute, lookAtProcess },
    threadCount: (threadsMax) => realThreadCount({ threadsMax, onBattery: false }),
    environment: process.env,
    input: process.stdin,
    platform: process.platform,
    cwd: fromText(process.cwd()),
    home: homedir(),
    signal: interrupts.signal,
    hurry: interrupts.hurry,
  },
  (now) => {
    started = now;
  },
);

interrupts.hurry.addEventListener('abort', () => {
  void realClock.sleep(hurryMsMax).then(dieOfInterrupt);
});

const code = await ended;
await Promise.all([process.stdout, process.stderr].map(flushed));
await compute.begun();
process.exit(code);

/**
 * Where a disk does not answer, an orderly exit would wait for it for ever. A shell shows the death by this signal as
 * 130, like any cancel.
 */
function dieOfInterrupt(): void {
  if (process.platform === 'win32') process.exit(exitCodes.cancelled);
  process.removeAllListeners('SIGINT');
  process.kill(process.pid, 'SIGINT');
}

/**
 * Who works at a terminal is told of its end by the same signal with which restic asks whether we live. `nohup` takes the
 * terminal from all three streams.
 */
function isTerminalGone(): boolean {
  if (!wasAtTerminal) return false;
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return false;
  } catch {
    return true;
  }
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (unread.has(stream)) return resolve();
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}
