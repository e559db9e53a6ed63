/**
 * The app core: facts and news come in, one picture goes out, calls are answered. Tray, notices and window are views of
 * its state; it knows neither them nor Electron.
 */
import { createAnswers, type Workings } from './answers.ts';
import { limitBandwidth } from './bandwidth.ts';
import { limitCommitWait } from './commit-wait.ts';
import { type Core, createKnown } from './core.ts';
import type { Fact } from './fact.ts';
import { createLines, type Lines } from './lines.ts';
import { createLockLooks } from './lock-looks.ts';
import { hearNetwork } from './networks.ts';
import type { App, AppParts } from './parts.ts';
import { createPause, type PausedWork } from './pause.ts';
import { Pending } from './pending.ts';
import { picture } from './picture.ts';
import { Regions } from './regions.ts';
import { createRestores } from './restores.ts';
import { Runs } from './runs.ts';
import { createTelling } from './telling.ts';
import { Vaults } from './vaults.ts';

/** Restore points grow stale by time alone: the picture is made anew so often without any news. */
const lookAgainMs = 60_000;

export function createApp(parts: AppParts): App {
  const known = createKnown(parts);
  const state = () => picture(known, parts, parts.clock.nowMs());
  const telling = createTelling(parts.clock, state);
  const core: Core = {
    parts,
    known,
    changed() {
      telling.changed();
      lockLooks.heed();
    },
  };
  const vaults = new Vaults(core);
  const pending = new Pending(core, vaults);
  const runs = new Runs(core, vaults, pending);
  const restores = createRestores(core, vaults);
  const pause = createPause(core, together(runs, pending));
  const lines = createLines(core);
  const lockLooks = createLockLooks(core, vaults);
  const regions = new Regions(core);
  const workings = { runs, pending, vaults, restores, pause, lockLooks, regions };
  let cancelLook = () => {};
  let quitting: Promise<void> | undefined;

  function lookAgain(): void {
    cancelLook = parts.clock.after(lookAgainMs, lookAgain);
    core.changed();
  }

  async function end(): Promise<void> {
    cancelLook();
    pause.stop();
    lines.stop();
    lockLooks.stop();
    parts.schedule.stop();
    runs.close();
    pending.close();
    // Where it cannot be drained it is gone, and every call with it.
    await parts.engine.drain().catch(() => undefined);
    await Promise.all([runs.ended(), pending.ended(), restores.ended()]);
    known.engine = parts.engine.state();
    core.changed();
    telling.stop();
  }

  return {
    answers: createAnswers(core, workings),
    state,
    onState: telling.listen,
    tell(fact) {
      if (quitting === undefined) take(fact, core, workings);
    },
    async start() {
      // One that was kept and has passed meanwhile holds nothing.
      pause.look();
      listen(core, workings, lines, () => quitting !== undefined);
      parts.engine.start();
      lookAgain();
    },
    quit() {
      quitting ??= end();
      return quitting;
    },
  };
}

function together(...works: readonly PausedWork[]): PausedWork {
  return {
    hold() {
      for (const work of works) work.hold();
    },
    advance() {
      for (const work of works) work.advance();
    },
  };
}

/** Hears the engine and the schedule, and tells the schedule what was before. */
function listen(
  core: Core,
  { runs, pending, vaults, restores }: Workings,
  lines: Lines,
  isQuitting: () => boolean,
): void {
  const { parts, known } = core;
  const { engine, schedule } = parts;
  const hearEngine = () => {
    const before = known.engine.at;
    known.engine = engine.state();
    if (known.engine.at !== 'ready') lines.forget();
    if (known.engine.at === 'ready' && before !== 'ready' && !isQuitting()) {
      limitBandwidth(core);
      limitCommitWait(core);
      runs.advance();
      vaults.lookAtAll();
      void pending.look();
    }
    core.changed();
  };
  engine.onState(hearEngine);
  engine.onNews((news) => {
    runs.hear(news);
    pending.hear(news);
    hearNetwork(core, news);
    restores.hear(news);
    lines.hear(news);
  });
  schedule.onDue((planId, cause) => {
    if (known.settings.plans.some(({ id }) => id === planId)) runs.ask(planId, cause);
  });
  for (const { planId, startedMs } of known.records.toReversed()) schedule.ran(planId, startedMs);
  schedule.set(known.settings.plans);
  hearEngine();
}

function take(fact: Fact, { parts, known, changed }: Core, { pause, pending }: Workings): void {
  switch (fact.type) {
    case 'session-started':
      parts.schedule.tell('session-started');
      break;
    case 'suspend':
      // Runs go on where they were: the engine's own retries bridge the gap.
      break;
    case 'resume':
      pause.look();
      parts.schedule.tell('resume');
      void pending.moved();
      break;
    case 'network-moved':
      void pending.moved();
      break;
    case 'power':
      // Runs that are under way go on as they began.
      known.onBattery = fact.onBattery;
      break;
    case 'languages':
      known.languages = fact.languages;
  }
  changed();
}
