import { beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { Secret } from '../../engine/base/secret.ts';
import { makeKeyFile } from '../../engine/format/key-file.ts';
import { addKey, changePassword, listKeyFacts, removeKey } from '../../engine/job/keys.ts';
import { listKeys, saveKeyFile } from '../../engine/repo/keyring.ts';
import { openRepository } from '../../engine/repo/repository.ts';
import { keyOf, MemoryBackend } from '../support/memory-backend.ts';
import {
  cheapKdfCost,
  type TestRepository,
  testPassword,
  testRepository,
} from '../support/test-repository.ts';

let backend: MemoryBackend;
let repository: TestRepository;
const second = new Secret('second');
const cheap = { kdfCost: cheapKdfCost };

beforeEach(async () => {
  backend = new MemoryBackend();
  repository = await testRepository({ backend });
});

const open = (password: Secret<string>) => openRepository(backend, password, repository.world);

describe('keys', () => {
  it('lists them, the one in use marked', async () => {
    const id = await addKey(repository, second, { ...cheap, username: 'other', hostname: 'there' });
    const facts = await listKeyFacts(repository);
    expect(facts).toHaveLength(2);
    expect(facts.find((key) => key.current)).toMatchObject({
      id: repository.keyId,
      username: 'tester',
      hostname: 'testhost',
    });
    expect(facts.find((key) => key.id === id)).toMatchObject({
      current: false,
      username: 'other',
      hostname: 'there',
    });
  });

  it('passes over a key that cannot be read, and says so', async () => {
    backend.files.set(keyOf({ type: 'key', name: 'ab'.repeat(32) }), Buffer.from('{}'));
    expect(await listKeyFacts(repository)).toHaveLength(1);
    expect(repository.world.told).toEqual(['key abababab cannot be read; it is passed over']);
  });

  it('adds a password that opens the same repository, beside the first', async () => {
    const id = await addKey(repository, second, cheap);
    const opened = await open(second);
    expect(opened.keyId).toBe(id);
    expect(Buffer.from(opened.key.encrypt).equals(repository.key.encrypt)).toBe(true);
    expect((await open(testPassword)).keyId).toBe(repository.keyId);
  });

  it('changes no password where the new key might not be among those that are tried', async () => {
    const who = { created: '2024-05-06T07:08:09Z', username: 'other', hostname: 'there' };
    // As restic makes them: it knows no limit when it adds keys, only when it tries them.
    for (let i = 0; i < limits.keysTriedMax; i++)
      await saveKeyFile(
        backend,
        await makeKeyFile(repository.key, `other ${i}`, who, repository.world.chance, cheapKdfCost),
      );
    const before = await listKeys(backend);
    await expect(changePassword(repository, second, cheap)).rejects.toMatchObject({ code: 'usage' });
    expect(await listKeys(backend)).toEqual(before);
  });

  it('leaves no key that was not stored as it was written', async () => {
    const save = backend.save.bind(backend);
    backend.save = (file, [bytes = Buffer.of()]) => {
      const changed = Buffer.from(bytes);
      changed[0]! ^= 1;
      return save(file, [changed]);
    };
    await expect(addKey(repository, second, cheap)).rejects.toMatchObject({ code: 'verification-failed' });
    expect(await listKeys(backend)).toEqual([repository.keyId]);
  });

  it('adds no more than are tried when a repository is opened', async () => {
    while ((await listKeys(backend)).length < limits.keysTriedMax) await addKey(repository, second, cheap);
    await expect(addKey(repository, new Secret('one too many'), cheap)).rejects.toMatchObject({
      code: 'usage',
    });
    expect(await listKeys(backend)).toHaveLength(limits.keysTriedMax);
  });

  it('removes a key by the beginning of its id, but neither the one in use nor the last', async () => {
    const id = await addKey(repository, second, cheap);
    await expect(removeKey(repository, repository.keyId)).rejects.toMatchObject({ code: 'usage' });
    await expect(removeKey(repository, 'ffffffffff')).rejects.toMatchObject({ code: 'not-found' });
    expect(await removeKey(repository, id.slice(0, 20))).toBe(id);
    await expect(open(second)).rejects.toMatchObject({ code: 'password-wrong' });
    await expect(removeKey(repository, repository.keyId)).rejects.toMatchObject({ code: 'usage' });
    expect(await listKeys(backend)).toEqual([repository.keyId]);
  });

  it('removes nothing where its own key was removed by somebody else', async () => {
    const id = await addKey(repository, second, cheap);
    await backend.remove({ type: 'key', name: repository.keyId });
    await expect(removeKey(repository, id)).rejects.toMatchObject({ code: 'usage' });
    expect(await listKeys(backend)).toEqual([id]);
  });

  it('changes the password: the new one opens, the old one does not', async () => {
    const id = await changePassword(repository, second, cheap);
    expect((await open(second)).keyId).toBe(id);
    await expect(open(testPassword)).rejects.toMatchObject({ code: 'password-wrong' });
  });

  it('keeps both where the new password could not be written down, and the old where the new cannot be stored', async () => {
    const fail = async (): Promise<void> => {
      throw new Error('the sheet cannot be written');
    };
    await expect(changePassword(repository, second, cheap, fail)).rejects.toThrow('sheet');
    await open(testPassword);
    await open(second);
    backend.before = (operation, { type }) => {
      if (operation === 'save' && type === 'key') throw new Error('full');
    };
    await expect(changePassword(repository, new Secret('third'), cheap)).rejects.toThrow('full');
    await open(testPassword);
  });
});
