import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type KeptFile, keptFile } from '../../electron/settings/kept-file.ts';
import { migrate } from '../../electron/settings/migrations.ts';
import { openSettings, type SettingsWarning } from '../../electron/settings/store.ts';
import { defaultSettings, type Settings } from '../../engine/protocol/settings.ts';
import { makeFolder, modeOf, removeFolders } from './settings-folder.ts';

afterEach(removeFolders);

// With a distribution named, Electron's module loads without its runtime: then electron-store is what it is without an app.
process.env.ELECTRON_OVERRIDE_DIST_PATH ??= '/nowhere';
const { electronStoreFile } = await import('../../electron/settings/electron-store-file.ts');

const changed: Settings = {
  plans: [
    {
      id: 'home',
      name: 'Home',
      vaultId: 'disk',
      sources: ['/home/me'],
      excludes: ['*.tmp'],
      schedule: { onLogin: true, everyHours: 4 },
    },
  ],
  vaults: [{ id: 'disk', name: 'Disk', location: '/disk' }],
  general: { ...defaultSettings.general, language: 'zh', freshDays: 7 },
  paused: { untilMs: 1_800_000_000_000 },
};

describe.each<[string, (path: string) => KeptFile]>([
  ['a plain file', keptFile],
  ['electron-store', electronStoreFile],
])('%s', (_, fileOf) => {
  const open = (path: string, warnings: SettingsWarning[] = []) =>
    openSettings(fileOf(path), (warning) => warnings.push(warning));

  test('defaults where there is none, and what was written is read again', () => {
    const path = join(makeFolder(), 'settings.json');
    const warnings: SettingsWarning[] = [];
    const store = open(path, warnings);
    expect(store.read()).toEqual(defaultSettings);
    store.write(changed);
    expect(store.read()).toEqual(changed);
    expect(open(path, warnings).read()).toEqual(changed);
    expect(warnings).toEqual([]);
    expect(JSON.parse(readFileSync(path, 'utf8')).version).toBe(2);
    expect(modeOf(path)).toBe('600');
  });

  test.each([
    ['torn', '{"version":1,"settings":{"pla'],
    ['empty', ''],
    ['not ours', '[1,2,3]'],
    ['newer', JSON.stringify({ version: 3, settings: changed })],
    ['no version', JSON.stringify({ version: 'x', settings: changed })],
    [
      'against the schema',
      JSON.stringify({ version: 1, settings: { ...changed, plans: [{ id: '../..' }] } }),
    ],
  ])('%s: kept aside whole, said, and the defaults hold', (_name, text) => {
    const folder = makeFolder();
    const path = join(folder, 'settings.json');
    writeFileSync(path, text);
    const warnings: SettingsWarning[] = [];
    const store = open(path, warnings);
    expect(store.read()).toEqual(defaultSettings);
    expect(warnings.map(({ code }) => code)).toEqual(['settings-unreadable']);
    expect(readFileSync(warnings[0]?.aside ?? '', 'utf8')).toBe(text);
    store.write(changed);
    expect(open(path).read()).toEqual(changed);
    writeFileSync(path, 'again');
    open(path);
    expect(readdirSync(folder).filter((name) => name.includes('unreadable'))).toHaveLength(2);
  });

  test('what the schema refuses is not written', () => {
    const path = join(makeFolder(), 'settings.json');
    const store = open(path);
    store.write(changed);
    const bad = { ...changed, general: { ...changed.general, freshDays: 0 } };
    expect(() => store.write(bad)).toThrow();
    expect(store.read()).toEqual(changed);
    expect(open(path).read()).toEqual(changed);
  });
});

test('both kinds read what the other wrote', () => {
  const path = join(makeFolder(), 'settings.json');
  openSettings(electronStoreFile(path), () => {}).write(changed);
  expect(openSettings(keptFile(path), () => {}).read()).toEqual(changed);
});

test('migrations go one by one from the version of the file', () => {
  const steps = [(old: unknown) => [old, 2], (old: unknown) => [old, 3]];
  expect(migrate({ version: 1, settings: 'a' }, steps)).toEqual([['a', 2], 3]);
  expect(migrate({ version: 2, settings: 'a' }, steps)).toEqual(['a', 3]);
  expect(migrate({ version: 3, settings: 'a' }, steps)).toBe('a');
  expect(() => migrate({ version: 4, settings: 'a' }, steps)).toThrow('newer');
  for (const kept of [
    null,
    {},
    'x',
    { version: 1 },
    { version: 0, settings: 1 },
    { version: 1.5, settings: 1 },
  ]) {
    expect(() => migrate(kept, steps)).toThrow();
  }
});

test('migrated settings are used, and written with the new version', () => {
  const path = join(makeFolder(), 'settings.json');
  writeFileSync(path, JSON.stringify({ version: 1, settings: { plans: [], vaults: [] } }));
  const addGeneral = (old: unknown) => ({ ...(old as object), general: changed.general });
  const store = openSettings(keptFile(path), () => {}, [addGeneral]);
  expect(store.read().general).toEqual(changed.general);
  store.write(store.read());
  expect(JSON.parse(readFileSync(path, 'utf8')).version).toBe(2);
});

test('settings of version 1 are read as they are: nothing was paused', () => {
  const path = join(makeFolder(), 'settings.json');
  const { paused: _, ...before } = changed;
  writeFileSync(path, JSON.stringify({ version: 1, settings: before }));
  const warnings: SettingsWarning[] = [];
  expect(openSettings(keptFile(path), (warning) => warnings.push(warning)).read()).toEqual(before);
  expect(warnings).toEqual([]);
});
