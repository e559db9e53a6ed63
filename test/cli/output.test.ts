import { expect, test } from 'vitest';
import { Output, type OutputStyle, type TextStream, toJsonLine } from '../../engine/cli/output.ts';
import { MemoryStream } from './cli-world.ts';

function makeOutput(style: Partial<OutputStyle> = {}) {
  const [stdout, stderr] = [new MemoryStream(), new MemoryStream(true)];
  const output = new Output(stdout, stderr, { json: false, verbosity: 1, colour: false, ...style });
  return { output, stdout, stderr };
}

function useAll(output: Output): void {
  output.say('answer');
  output.tell('comfort');
  output.sayJson({ a: 1 });
  output.note('note');
  output.warn('careful', { message_type: 'warning' });
  output.fail('broken', { message_type: 'exit_error' });
}

test('for people: answers on stdout, all else on stderr', () => {
  const { output, stdout, stderr } = makeOutput();
  useAll(output);
  expect(stdout.text).toBe('answer\ncomfort\n');
  expect(stderr.text).toBe('note\nwarning: careful\nerror: broken\n');
});

test('for programs: JSON on stdout and nothing else there', () => {
  const { output, stdout, stderr } = makeOutput({ json: true });
  useAll(output);
  expect(stdout.text).toBe('{"a":1}\n');
  expect(stderr.text).toBe('note\n{"message_type":"warning"}\n{"message_type":"exit_error"}\n');
});

test('quiet: answers and what went wrong', () => {
  const { output, stdout, stderr } = makeOutput({ verbosity: 0 });
  useAll(output);
  expect(stdout.text).toBe('answer\n');
  expect(stderr.text).toBe('warning: careful\nerror: broken\n');
});

test('colours only where they are wanted', () => {
  const { output, stderr } = makeOutput({ colour: true });
  output.warn('w');
  expect(stderr.text).toBe('\x1b[33mwarning:\x1b[0m w\n');
});

test('a list is one array on one line, also an empty one', () => {
  const { output, stdout } = makeOutput({ json: true });
  const list = output.sayJsonList();
  list.add(1);
  list.add({ b: 2 });
  list.end();
  output.sayJsonList().end();
  expect(stdout.text).toBe('[1,{"b":2}]\n[]\n');
});

test('a JSON line keeps large integers exact and controls no terminal', () => {
  expect(toJsonLine({ inode: 2n ** 63n })).toBe('{"inode":9223372036854775808}');
  const hostile = 'a\x1b\x9b\x7f\u2028\u202eb\n';
  const line = toJsonLine({ name: hostile });
  expect(line).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(line)).toEqual({ name: hostile });
});

test('a terminal that does not know its width is 80 columns wide; what is no terminal has none', () => {
  const stream = (isTTY: boolean, columns?: number) => ({
    write: () => true,
    isTTY,
    ...(columns === undefined ? {} : { columns }),
  });
  const columnsOn = (stderr: TextStream): number | undefined =>
    new Output(stderr, stderr, { json: false, verbosity: 1, colour: false }).columns;
  expect(columnsOn(stream(true, 0))).toBe(80);
  expect(columnsOn(stream(true))).toBe(80);
  expect(columnsOn(stream(true, 120))).toBe(120);
  expect(columnsOn(stream(false, 120))).toBeUndefined();
});

test('live lines give way to what is printed, and come back below it', () => {
  const { output, stdout, stderr } = makeOutput();
  output.showLive(['one', 'two']);
  output.say('answer');
  output.showLive([]);
  output.note('end');
  expect(stdout.text).toBe('answer\n');
  expect(stderr.text).toBe('one\ntwo\n\x1b[2F\x1b[Jone\ntwo\n\x1b[2F\x1b[Jend\n');
});
