import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listPackage } from '@electron/asar';
import { describe, expect, it } from 'vitest';
import config from '../../build/electron-builder.config.ts';
import { projectFolder } from '../../build/run-tool.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('the packed app', () => {
  it('has every door closed that it does not use', () => {
    expect(config.electronFuses).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
    });
    expect(config.asar).toBe(true);
  });

  it('is made for the three systems', () => {
    const { win, mac, linux } = config;
    expect([win?.target, mac?.target, linux?.target]).toEqual(['nsis', 'dmg', ['AppImage', 'deb']]);
    expect(existsSync(join(projectFolder, String(config.icon)))).toBe(true);
  });

  it('is made of what was compiled, and runs no second Node', () => {
    const files = config.files as string[];
    const taken = files.filter((pattern) => !pattern.startsWith('!'));
    expect(taken).toEqual(['build/out/{engine,electron,renderer}/**', 'build/icons/*.png', 'package.json']);
    expect(files.some((pattern) => /^!node_modules\/\{node,/.test(pattern))).toBe(true);
  });

  it('needs no network to be made', () => {
    expect([config.npmRebuild, config.nodeGypRebuild]).toEqual([false, false]);
  });
});

describe('`npm run package`', () => {
  it.skipIf(process.platform !== 'linux')(
    'packs the app around a given runtime, and closes its fuses',
    () => {
      const folder = temporaryFolder();
      const ended = spawnSync(
        process.execPath,
        ['build/package-app.ts', `--config.directories.output=${join(folder, 'packages')}`],
        {
          cwd: projectFolder,
          encoding: 'utf8',
          env: { ...process.env, ELECTRON_DIST: pretendRuntime(folder) },
        },
      );
      expect(ended.status, ended.stdout + ended.stderr).toBe(0);
      const packed = join(folder, 'packages/linux-unpacked');
      const program = readFileSync(join(packed, 'slackwater'), 'latin1');
      // In the order of Electron's list; the one for a snapshot of V8 stays as it was.
      expect(program.slice(program.indexOf(sentinel) + sentinel.length)).toBe('\x01\x09010011000');
      const names = listPackage(join(packed, 'resources/app.asar'), { isPack: false });
      expect(names).toEqual(
        expect.arrayContaining([
          '/build/out/electron/main.js',
          '/build/out/electron/preload.cjs',
          '/build/out/engine/worker/entry.js',
          '/build/out/renderer/index.html',
          '/build/icons/app.png',
          '/node_modules/sodium-native/package.json',
        ]),
      );
      const unwanted =
        /^\/(?:test|engine|electron|renderer)\/|^\/node_modules\/(?:node|electron|vite|typescript|react)\//;
      expect(names.filter((name) => unwanted.test(name) || /\.(?:d\.ts|map)$/.test(name))).toEqual([]);
    },
  );

  const installed = existsSync(join(projectFolder, 'node_modules/electron/dist'));
  it.skipIf(installed)('says what is missing where Electron is not here', () => {
    const manifest = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
      devDependencies: Record<string, string>;
    };
    expect(manifest.scripts.package).toBe('node build/run.js build/package-app.ts');
    const ended = spawnSync(process.execPath, ['build/package-app.ts'], {
      cwd: projectFolder,
      encoding: 'utf8',
      env: { ...process.env, ELECTRON_DIST: temporaryFolder(), ELECTRON_OVERRIDE_DIST_PATH: '' },
    });
    expect(ended.status).toBe(1);
    expect(ended.stderr).toBe(
      `Electron's runtime is not here. Set ELECTRON_DIST to a folder that holds Electron ` +
        `${manifest.devDependencies.electron} for ${process.platform} unpacked, or run \`npx install-electron\`, ` +
        'which downloads it.\n',
    );
  });
});

/** What marks Electron's fuses in its program: the version, their number, and one character for each. */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

/** What electron-builder looks at of a distribution of Electron. */
function pretendRuntime(folder: string): string {
  const runtime = join(folder, 'electron');
  mkdirSync(join(runtime, 'locales'), { recursive: true });
  mkdirSync(join(runtime, 'resources'));
  writeFileSync(join(runtime, 'electron'), `#!/bin/sh\n#${sentinel}\x01\x09000000000`, { mode: 0o755 });
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'version', 'locales/en-US.pak']) {
    writeFileSync(join(runtime, name), '');
  }
  return runtime;
}
