import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { listenToSignals, makeInterrupts, nobodyReads } from '../../engine/cli/interrupts.ts';

function make() {
  const said: string[] = [];
  const interrupts = makeInterrupts((line) => said.push(line));
  const source = new EventEmitter();
  listenToSignals(source, interrupts);
  return { said, interrupts, source };
}

test('the first signal ends in order, the second in a hurry, more say nothing', () => {
  const { said, interrupts, source } = make();
  source.emit('SIGTERM');
  expect([interrupts.signal.aborted, interrupts.hurry.aborted]).toEqual([true, false]);
  expect(interrupts.signal.reason).toMatchObject({ code: 'cancelled' });
  source.emit('SIGINT');
  expect(interrupts.hurry.aborted).toBe(true);
  source.emit('SIGINT');
  expect(said).toHaveLength(2);
});

test('SIGHUP is heard and means nothing', () => {
  const { said, interrupts, source } = make();
  expect(source.emit('SIGHUP')).toBe(true);
  expect([interrupts.signal.aborted, said]).toEqual([false, []]);
});

test('without a reader it ends in order and without a word; a signal then hurries it', () => {
  const { said, interrupts, source } = make();
  interrupts.stopAnswering();
  expect(interrupts.signal.reason).toBe(nobodyReads);
  expect(said).toEqual([]);
  source.emit('SIGINT');
  expect(interrupts.hurry.aborted).toBe(true);
});
