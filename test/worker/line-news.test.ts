import * as v from 'valibot';
import { expect, it } from 'vitest';
import { StoreLine } from '../../engine/backend/store-line.ts';
import { Failure } from '../../engine/base/failure.ts';
import { type LineNews, lineViewSchema } from '../../engine/protocol/line-view.ts';
import { lineView, tellLine } from '../../engine/worker/line-news.ts';
import { testWorld } from '../support/test-repository.ts';

const away = new Failure('store-unreachable', {}, { next: 'now' });
const sample = {
  operation: 'stat',
  atMs: 0,
  tookMs: 40,
  upBytes: 0,
  downBytes: 0,
  inFlight: 1,
} as const;

it('what waits is told once it is more than a hiccup, the longest wait first, in wall time', async () => {
  const { clock } = testWorld();
  await clock.advance(5_000);
  const wallMs = Number(clock.wallNs() / 1_000_000n);
  const line = new StoreLine();
  const end = Promise.withResolvers<void>();
  const wait = (failures: number, untilMs: number, failure = away) =>
    void line.showing({ operation: 'save', failure, failures, untilMs }, () => end.promise);
  wait(2, 90_000);
  expect(lineView(line, clock).waiting).toBeUndefined();
  wait(3, 13_000);
  wait(1, 11_000, new Failure('store-busy', {}, { next: 'later' }));
  expect(lineView(line, clock).waiting).toEqual({
    code: 'store-unreachable',
    failures: 3,
    untilMs: wallMs + 8_000,
  });
  line.setBreaker('writes', { at: 'open', opened: 1, untilMs: 7_000, code: 'store-busy' });
  expect(lineView(line, clock)).toMatchObject({
    writes: { at: 'open', code: 'store-busy', untilMs: wallMs + 2_000 },
    reads: { at: 'closed' },
  });
  v.parse(lineViewSchema, lineView(line, clock));
  end.resolve();
  await end.promise;
  await Promise.resolve();
  await Promise.resolve();
  expect(lineView(line, clock).waiting).toBeUndefined();
});

it('many changes are one piece of news, and the last one arrives', async () => {
  const { clock } = testWorld();
  const line = new StoreLine();
  const news: LineNews[] = [];
  tellLine('rest:x', line, clock, (each) => news.push(each));
  for (let i = 0; i < 100; i++) line.learn(sample);
  expect(news).toEqual([]);
  await clock.advance(250);
  expect(news).toMatchObject([
    { type: 'line', location: 'rest:x', line: { requests: 100, roundTripMs: 40 } },
  ]);
  line.learn({ ...sample, failure: 'store-unreachable' });
  await clock.advance(250);
  expect(news[1]).toMatchObject({ line: { requests: 101, failures: 1, failureShare: 0.05 } });
  await clock.advance(60_000);
  expect(news.length).toBe(2);
});
