import { expect, test } from 'vitest';
import { watchClock, watchPower } from '../../electron/watch/power.ts';
import { createHandClock } from '../app/app-world.ts';

test('the power monitor is passed on', () => {
  const listeners = new Map<string, () => void>();
  const told: string[] = [];
  const monitor = {
    on: (event: string, listener: () => void) => listeners.set(event, listener),
    isOnBatteryPower: () => true,
  };
  watchPower(monitor, (fact) => told.push(fact.type === 'power' ? `battery ${fact.onBattery}` : fact.type));
  for (const event of ['suspend', 'resume', 'on-ac', 'on-battery']) listeners.get(event)?.();
  expect(told).toEqual(['battery true', 'suspend', 'resume', 'battery false', 'battery true']);
});

test('a jump of the clock is a sleep, a late timer is not', async () => {
  const { clock, pass, jump, waiting } = createHandClock(0);
  const told: string[] = [];
  const stop = watchClock(clock, ({ type }) => told.push(type));
  await pass(3_600_000);
  jump(50_000);
  await pass(30_000);
  expect(told).toEqual([]);
  jump(9 * 3_600_000);
  await pass(30_000);
  expect(told).toEqual(['resume']);
  stop();
  expect(waiting()).toBe(0);
});
