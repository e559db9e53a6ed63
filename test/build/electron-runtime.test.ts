import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findRuntime, hasDisplay, whyNoTrayApp } from '../../build/electron-runtime.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe("Electron's runtime", () => {
  it('is where a variable says, before where the package put it', () => {
    const project = temporaryFolder();
    const installed = join(project, 'node_modules/electron/dist');
    const own = join(project, 'own');
    expect(findRuntime(project, {}, 'linux')).toBeUndefined();
    for (const folder of [installed, own]) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'electron'), '');
    }
    expect(findRuntime(project, {}, 'linux')).toEqual({
      folder: installed,
      program: join(installed, 'electron'),
    });
    expect(findRuntime(project, { ELECTRON_DIST: own }, 'linux')?.folder).toBe(own);
    expect(findRuntime(project, { ELECTRON_OVERRIDE_DIST_PATH: own }, 'linux')?.folder).toBe(own);
    expect(findRuntime(project, { ELECTRON_DIST: own }, 'win32')).toBeUndefined();
  });
});

describe('the tray app', () => {
  const runtime = { folder: '/electron', program: '/electron/electron' };
  const linux = { platform: 'linux', isRoot: false };

  it('starts where there is a runtime and a display', () => {
    expect(whyNoTrayApp(runtime, { DISPLAY: ':0' }, linux)).toBeUndefined();
    expect(whyNoTrayApp(runtime, { WAYLAND_DISPLAY: 'wayland-0' }, linux)).toBeUndefined();
    expect(whyNoTrayApp(runtime, {}, { platform: 'darwin', isRoot: true })).toBeUndefined();
  });

  it('says why it does not start', () => {
    expect(whyNoTrayApp(undefined, { DISPLAY: ':0' }, linux)).toMatch(/runtime is not installed/);
    expect(whyNoTrayApp(runtime, { DISPLAY: '' }, linux)).toMatch(/no display/);
    expect(whyNoTrayApp(runtime, { DISPLAY: ':0' }, { ...linux, isRoot: true })).toMatch(/as root/);
  });
});

it('every Windows and Mac has a display', () => {
  expect(['win32', 'darwin', 'linux'].map((platform) => hasDisplay({}, platform))).toEqual([
    true,
    true,
    false,
  ]);
});
