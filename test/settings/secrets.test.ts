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
/** Linux without a keyring. */
const basic: SafeStorage = { ...keychain, getSelectedStorageBackend: () => 'basic_text' };
const keyring: SafeStorage = { ...keychain, getSelectedStorageBackend: () => 'gnome_libsecret' };
const pathIn = () => join(makeFolder(), 'secrets', 'secrets.json');

test.each([
  ['with a keychain', keychain, []],
  ['with a keyring', keyring, []],
  ['without one', undefined, ['secrets-not-encrypted']],
  ['where it only looks encrypted', basic, ['secrets-not-encrypted']],
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
  expect(secrets.hasKeychain).toBe(expected.length === 0);
  if (secrets.hasKeychain) expect(text).not.toContain(Buffer.from(secret).toString('base64'));
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

test('what was sealed with the keyring, or what only looked so, is read where there is none any more', async () => {
  const path = pathIn();
  await openSecrets(path, keyring, () => {}).set('a', secret);
  const now = openSecrets(path, basic, () => {});
  expect(await now.get('a')).toBe(secret);
  await now.set('b', 'new');
  const back = openSecrets(path, keyring, () => {});
  expect([await back.get('a'), await back.get('b'), back.hasKeychain]).toEqual([secret, 'new', true]);
});
