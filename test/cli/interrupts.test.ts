import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { listenToSignals, makeInterrupts, nobodyReads } from '../../engine/cli/interrupts.ts';
import { virtualClock } from '../support/fixed-world.ts';

function make() {
  const said: string[] = [];
  const clock = virtualClock(0n);
  const interrupts = makeInterrupts((line) => said.push(line), clock);
  const source = new EventEmitter();
  listenToSignals(source, interrupts);
  return { said, interrupts, source, clock };
}

test('the first signal ends in order, the second in a hurry, more say nothing', async () => {
  const { said, interrupts, source, clock } = make();
  source.emit('SIGTERM');
  expect([interrupts.signal.aborted, interrupts.hurry.aborted]).toEqual([true, false]);
  expect(interrupts.signal.reason).toMatchObject({ code: 'cancelled' });
  await clock.advance(600);
  source.emit('SIGINT');
  expect(interrupts.hurry.aborted).toBe(true);
  source.emit('SIGINT');
  expect(said).toHaveLength(2);
});

test('one that arrives twice, from the terminal and from who started us, is one', async () => {
  const { said, interrupts, source, clock } = make();
  source.emit('SIGINT');
  await clock.advance(100);
  source.emit('SIGINT');
  expect([interrupts.hurry.aborted, said.length]).toEqual([false, 1]);
});

test('SIGHUP is heard and means nothing', () => {
  const { said, interrupts, source } = make();
  expect(source.emit('SIGHUP')).toBe(true);
  expect([interrupts.signal.aborted, said]).toEqual([false, []]);
});

test('SIGHUP ends in order when the terminal is gone', () => {
  const { interrupts } = make();
  const source = new EventEmitter();
  let isGone = false;
  listenToSignals(source, interrupts, () => isGone);
  source.emit('SIGHUP');
  expect(interrupts.signal.aborted).toBe(false);
  isGone = true;
  source.emit('SIGHUP');
  expect(interrupts.signal.aborted).toBe(true);
});

test('without a reader it ends in order and without a word; a signal then hurries it', async () => {
  const { said, interrupts, source, clock } = make();
  interrupts.stopAnswering();
  expect(interrupts.signal.reason).toBe(nobodyReads);
  expect(said).toEqual([]);
  await clock.advance(600);
  source.emit('SIGINT');
  expect(interrupts.hurry.aborted).toBe(true);
});
