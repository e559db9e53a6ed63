/** Opening a repository over a way that lies once: one wrong answer is neither believed nor the end. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../engine/base/failure.ts';
import { Secret } from '../../engine/base/secret.ts';
import { initRepository, openRepository } from '../../engine/repo/repository.ts';
import { MemoryBackend } from '../support/memory-backend.ts';
import { cheapKdfCost, testPassword, testWorld } from '../support/test-repository.ts';

let backend: MemoryBackend;
beforeEach(async () => {
  backend = new MemoryBackend();
  await initRepository(backend, testPassword, testWorld('made'), { kdfCost: cheapKdfCost });
});

const open = () => openRepository(backend, testPassword, testWorld());

/** The first `times` reads of this type are answered with 404. */
function hide(type: string, times: number): void {
  let left = times;
  backend.before = (operation, file) => {
    if (operation !== 'load' || file.type !== type || left-- <= 0) return;
    throw new Failure('not-found', { what: type, id: file.name });
  };
}

/** The first `times` reads of this type come with a bit flipped, each time another one. */
function flip(type: string, times: number): void {
  const load = backend.load.bind(backend);
  let left = times;
  backend.load = async (file, range, signal) => {
    const bytes = await load(file, range, signal);
    if (file.type === type && left-- > 0) bytes[20 + left]! ^= 1;
    return bytes;
  };
}

describe.each(['config', 'key'])('one wrong answer about a %s', (type) => {
  it('that it is not there is not believed', async () => {
    hide(type, 1);
    await expect(open()).resolves.toMatchObject({ config: { version: 2 } });
  });

  it('with a bit flipped is asked for again', async () => {
    flip(type, 1);
    await expect(open()).resolves.toMatchObject({ config: { version: 2 } });
  });

  it('given each time with other bits flipped is called damaged', async () => {
    flip(type, 9);
    const why = type === 'config' ? /on the way/ : /does not match its name/;
    await expect(open()).rejects.toMatchObject({
      code: 'damaged',
      detail: { what: type, why: expect.stringMatching(why) },
    });
  });
});

it('is missing where that is said twice, after two questions', async () => {
  backend.files.delete('config/');
  backend.asked.length = 0;
  await expect(open()).rejects.toMatchObject({ code: 'repository-missing' });
  expect(backend.asked.filter((each) => each.startsWith('load config')).length).toBe(2);
});

it('lists the keys again where the first listing had none', async () => {
  const list = backend.list.bind(backend);
  let lists = 0;
  backend.list = async function* (type, signal) {
    if (type !== 'key' || ++lists > 1) yield* list(type, signal);
  };
  await expect(open()).resolves.toMatchObject({ config: { version: 2 } });
  expect(lists).toBe(2);
});

it('tries a wrong password once with each key', async () => {
  backend.asked.length = 0;
  const [key] = [...backend.files.keys()].filter((each) => each.startsWith('key/'));
  const opened = openRepository(backend, new Secret('another'), testWorld());
  await expect(opened).rejects.toMatchObject({ code: 'password-wrong' });
  expect(backend.asked.filter((each) => each === `load ${key}`)).toHaveLength(1);
});
