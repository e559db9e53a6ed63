import { describe, expect, it } from 'vitest';
import { answerCall, type CallDoor, type CallSender } from '../../electron/window/ipc.ts';
import { CallRefused } from '../../engine/protocol/link.ts';

const ours: CallSender = {
  sender: { id: 7 },
  senderFrame: { url: 'app://slackwater/index.html#/restore', parent: null },
};

function makeDoor(answer: (argument: unknown) => Promise<unknown>) {
  const refused: string[] = [];
  const asked: unknown[] = [];
  const door: CallDoor = {
    isOurWindow: (id) => id === 7,
    answers: new Proxy({} as CallDoor['answers'], {
      get: (_, name) => (argument: unknown) => {
        asked.push([name, argument]);
        return answer(argument);
      },
    }),
    toFailure: (error) => (error instanceof CallRefused ? error.failure : { code: 'io', detail: {} }),
    onRefused: (what) => refused.push(what),
  };
  return { door, refused, asked };
}

describe('a call from the window', () => {
  it('is answered', async () => {
    const { door, refused, asked } = makeDoor(async () => ({ rows: [], total: 0 }));
    const settled = await answerCall(door, ours, 'listRuns', { start: 0, count: 10 });
    expect(settled).toEqual({ ok: true, value: { rows: [], total: 0 } });
    expect(asked).toEqual([['listRuns', { start: 0, count: 10 }]]);
    expect(refused).toEqual([]);
  });

  it('fails with what the app says, and nothing more', async () => {
    const known = makeDoor(() => Promise.reject(new CallRefused({ code: 'not-found', detail: { id: 'x' } })));
    expect(await answerCall(known.door, ours, 'resume', undefined)).toEqual({
      ok: false,
      failure: { code: 'not-found', detail: { id: 'x' } },
    });
    const unknown = makeDoor(() => Promise.reject(new Error('the password is hunter2')));
    expect(JSON.stringify(await answerCall(unknown.door, ours, 'resume', undefined))).not.toContain(
      'hunter2',
    );
  });

  const foreigners: Readonly<Record<string, CallSender>> = {
    'another window': { ...ours, sender: { id: 8 } },
    'a frame in the page': {
      ...ours,
      senderFrame: {
        url: 'app://slackwater/',
        parent: {} as NonNullable<CallSender['senderFrame']>['parent'],
      },
    },
    'a page that is gone': { ...ours, senderFrame: null },
    ...Object.fromEntries(
      [
        'https://example.com/',
        'app://slackwater.example/',
        'app://other/',
        'file:///x',
        'about:blank',
        '',
      ].map((url) => [`the page ${url}`, { ...ours, senderFrame: { url, parent: null } }]),
    ),
  };
  it.each(Object.entries(foreigners))('is dropped and logged when it comes from %s', async (_, sender) => {
    const { door, refused, asked } = makeDoor(async () => undefined);
    expect(await answerCall(door, sender, 'resume', undefined)).toMatchObject({ ok: false });
    expect(asked).toEqual([]);
    expect(refused).toEqual(['foreign-sender: "resume"']);
  });

  it.each([['constructor'], ['__proto__'], ['toString'], ['Resume'], [''], [undefined], [{}], [['resume']]])(
    'is dropped and logged when nobody knows it: %j',
    async (name) => {
      const { door, refused, asked } = makeDoor(async () => undefined);
      expect(await answerCall(door, ours, name, undefined)).toMatchObject({ ok: false });
      expect(asked).toEqual([]);
      expect(refused).toHaveLength(1);
    },
  );

  it.each([
    ['backUpNow', undefined],
    ['backUpNow', { planId: '../x' }],
    ['backUpNow', { planId: 'home', more: 1 }],
    ['resume', {}],
    ['pause', { durationMs: 1 }],
    ['restore', { vaultId: 'v', snapshotId: 'latest', path: '/', overwrite: 'always' }],
    ['listRuns', { start: 0, count: 1e9 }],
    ['savePlan', null],
  ])('is dropped and logged when its argument is not as agreed: %s %j', async (name, argument) => {
    const { door, refused, asked } = makeDoor(async () => undefined);
    expect(await answerCall(door, ours, name, argument)).toMatchObject({
      ok: false,
      failure: { code: 'usage' },
    });
    expect(asked).toEqual([]);
    expect(refused).toEqual([`bad-argument: "${name}"`]);
  });

  it('writes no secret and no control character to the log', async () => {
    const { door, refused } = makeDoor(async () => undefined);
    await answerCall(door, ours, 'x\n\u001b[2J', { password: 'hunter2' });
    expect(refused.join()).not.toMatch(/hunter2|\p{Cc}/u);
  });
});
