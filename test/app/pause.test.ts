/** A pause that outlives the app: what is kept of it, and what the next start makes of that. */
import { afterEach, expect, test } from 'vitest';
import type { Settings } from '../../engine/protocol/settings.ts';
import { createWorld, hourMs, planOf, removeWorlds, settle, startMs, type World } from './app-world.ts';

afterEach(removeWorlds);

const plans = [planOf('a')];
const backUpAtStart = async (paused: Settings['paused']): Promise<World> => {
  const world = await createWorld({ settings: paused === undefined ? { plans } : { plans, paused } });
  world.due('a', 'schedule');
  await settle();
  return world;
};

test('is kept while it lasts, and forgotten when it is over', async () => {
  const world = await createWorld({ settings: { plans } });
  await world.app.answers.pause({ durationMs: hourMs });
  expect(world.settings().paused).toEqual({ untilMs: startMs + hourMs });
  await world.app.answers.pause({});
  expect(world.settings().paused).toEqual({});
  await world.app.answers.resume(undefined);
  expect(world.settings()).not.toHaveProperty('paused');
  await world.app.answers.pause({ durationMs: hourMs });
  await world.time.pass(hourMs);
  expect(world.settings()).not.toHaveProperty('paused');
});

test('holds after a restart, until its time and no longer', async () => {
  const world = await backUpAtStart({ untilMs: startMs + hourMs });
  expect(world.app.state()).toMatchObject({
    verdict: { kind: 'paused' },
    paused: { untilMs: startMs + hourMs },
  });
  await world.time.pass(hourMs - 1);
  expect(world.backups()).toEqual([]);
  await world.time.pass(1);
  expect(world.backups()).toEqual(['/home/a']);
  expect(world.settings()).not.toHaveProperty('paused');
});

test('without an end holds after a restart until it is resumed', async () => {
  const world = await backUpAtStart({});
  await world.time.pass(30 * 24 * hourMs);
  expect(world.backups()).toEqual([]);
  await world.app.answers.resume(undefined);
  await settle();
  expect(world.backups()).toEqual(['/home/a']);
});

test('that ended while the app was not running holds nothing', async () => {
  const world = await backUpAtStart({ untilMs: startMs - 1 });
  expect(world.app.state().paused).toBeUndefined();
  expect(world.settings()).not.toHaveProperty('paused');
  expect(world.backups()).toEqual(['/home/a']);
});

test('does not begin where it cannot be kept, and ends all the same', async () => {
  let isFull = true;
  const settings = { plans, vaults: [], general: (await createWorld()).settings().general };
  let kept: Settings = { ...settings, paused: { untilMs: startMs + hourMs } };
  const store = {
    read: () => kept,
    write(wanted: Settings) {
      if (isFull) throw new Error('no space');
      kept = wanted;
    },
  };
  const world = await createWorld({ parts: { settings: store } });
  await world.time.pass(hourMs);
  expect(world.app.state().paused).toBeUndefined();
  await expect(world.app.answers.pause({})).rejects.toThrow('no space');
  expect(world.app.state().paused).toBeUndefined();
  isFull = false;
  await world.app.answers.pause({});
  expect(world.app.state().paused).toEqual({});
});
