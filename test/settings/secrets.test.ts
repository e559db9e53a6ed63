import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openSecrets, type SafeStorage } from '../../electron/settings/secrets.ts';
import type { SettingsWarning } from '../../electron/settings/store.ts';
import { makeFolder, modeOf, removeFolders } from './settings-folder.ts';

afterEach(removeFolders);

const secret = 'canary password';
const turned = (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ 0x5a));
const cannot: SafeStorage = {
  isEncryptionAvailable: () => false,
  encryptString: () => Buffer.alloc(0),
  decryptString: () => '',
};
const keychain: SafeStorage = {
  isEncryptionAvailable: () => true,
  encryptString: (text) => turned(Buffer.from(text)),
  decryptString: (bytes) => turned(bytes).toString(),
};
const pathIn = () => join(makeFolder(), 'secrets', 'secrets.json');

test.each([
  ['with a keychain', keychain, []],
  ['without one', undefined, ['secrets-not-encrypted']],
  ['where it cannot encrypt', cannot, ['secrets-not-encrypted']],
] as const)('%s: kept, private, removed', async (_, safeStorage, expected) => {
  const path = pathIn();
  mkdirSync(dirname(path), { mode: 0o755 });
  chmodSync(dirname(path), 0o755);
  const warnings: SettingsWarning[] = [];
  const secrets = openSecrets(path, safeStorage, (warning) => warnings.push(warning));
  await secrets.set('a', secret);
  await secrets.set('b', 'ünï 密码');
  expect([modeOf(path), modeOf(dirname(path))]).toEqual(['600', '700']);
  expect(warnings.map(({ code }) => code)).toEqual(expected);
  const again = openSecrets(path, safeStorage, () => {});
  expect([await again.get('a'), await again.get('b'), await again.get('c')]).toEqual([
    secret,
    'ünï 密码',
    undefined,
  ]);
  const text = readFileSync(path, 'utf8');
  expect(text).not.toContain(secret);
  if (safeStorage === keychain) expect(text).not.toContain(Buffer.from(secret).toString('base64'));
  await again.remove('a');
  expect(await openSecrets(path, safeStorage, () => {}).get('a')).toBeUndefined();
  expect(await again.get('b')).toBe('ünï 密码');
});

test('what another keychain sealed is as if it were not known', async () => {
  const path = pathIn();
  await openSecrets(path, keychain, () => {}).set('a', secret);
  const decryptString = () => {
    throw new Error('no');
  };
  expect(await openSecrets(path, { ...keychain, decryptString }, () => {}).get('a')).toBeUndefined();
  expect(await openSecrets(path, undefined, () => {}).get('a')).toBeUndefined();
  expect(await openSecrets(path, keychain, () => {}).get('a')).toBe(secret);
});

test('a damaged file is kept aside and its text is not said', async () => {
  const path = pathIn();
  mkdirSync(dirname(path));
  writeFileSync(path, `{"items": "${secret}`);
  const warnings: SettingsWarning[] = [];
  const secrets = openSecrets(path, keychain, (warning) => warnings.push(warning));
  expect(await secrets.get('a')).toBeUndefined();
  await secrets.set('a', 'new');
  expect(readFileSync(warnings[0]?.aside ?? '', 'utf8')).toContain(secret);
  expect(JSON.stringify(warnings)).not.toContain(secret);
});
