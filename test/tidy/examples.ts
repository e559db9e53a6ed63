/** Small files that break one rule each, and some that only look as if they did. */
import { homedir } from 'node:os';
import type { TextFile } from './source-file.ts';

export interface BadExample extends TextFile {
  /** The name of the rule that must find it, once. */
  readonly rule: string;
  readonly line: number;
}

const doc = '/** An example. */\n';

const layers = 'engine layers';
const features = 'features do not know each other';
const ambient = 'no ambient time or chance';
const portable = 'neither Node nor DOM';
const hosts = 'no hosts';

export const badExamples: readonly BadExample[] = [
  bad(layers, 'engine/backend/a.ts', "import { a } from '../format/a.ts';"),
  bad(layers, 'engine/source/a.ts', "import type { A } from '../repo/a.ts';"),
  bad(layers, 'engine/target/a.ts', "export { a } from '../job/a.ts';"),
  bad(layers, 'engine/system/a.ts', "const a = await import('../backend/a.ts');"),
  bad(layers, 'engine/format/a.ts', "type A = import('../repo/a.ts').A;"),
  bad(layers, 'engine/repo/a.ts', "import { a } from '../job/a.ts';"),
  bad(layers, 'engine/job/a.ts', "import { a } from '../system/xattr.ts';"),
  bad(layers, 'engine/job/a.ts', "import { realClock } from '../worker/real-world.ts';"),
  bad(layers, 'engine/cli/a.ts', "import { a } from '../worker/start.ts';"),
  bad(layers, 'engine/new-folder/a.ts', "import { a } from '../base/a.ts';"),
  bad('no way into test and build', 'engine/cli/a.ts', "import { a } from '../../test/support/a.ts';"),
  bad('no way into test and build', 'build/a.ts', "import { a } from '../test/support/a.ts';"),
  bad('the treaty is the only border', 'renderer/a.ts', "import { a } from '../engine/base/a.ts';"),
  bad('the treaty is the only border', 'electron/app/a.ts', "import { a } from '../../renderer/a.ts';"),
  bad(features, 'electron/tray/a.ts', "import type { A } from '../notify/a.ts';"),
  bad(features, 'electron/web/a.ts', "import { a } from '../app/a.ts';"),
  bad(features, 'electron/tray/a.ts', "import { a } from '../main.ts';"),
  bad('the core knows no Electron', 'electron/app/a.ts', "import { app } from 'electron';"),
  bad('the core knows no Electron', 'electron/web/serve.ts', "import Store from 'electron-store';"),
  bad('the window is a page', 'renderer/a.ts', "import { join } from 'node:path';"),
  bad('the window is a page', 'renderer/a.ts', "import { ipcRenderer } from 'electron';"),
  bad(portable, 'engine/base/a.ts', "import { join } from 'node:path';"),
  bad(portable, 'engine/machine/a.ts', 'export const a = Buffer.alloc(1);'),
  bad(ambient, 'engine/job/a.ts', 'export const a = Date.now();'),
  bad(ambient, 'engine/job/a.ts', 'export const a = new Date();'),
  bad(ambient, 'engine/job/a.ts', 'export const a = Date();'),
  bad(ambient, 'engine/job/a.ts', 'export const a = globalThis.Math.random();'),
  bad(ambient, 'engine/job/a.ts', 'const now = performance.now;'),
  bad(ambient, 'engine/job/a.ts', 'export const a = process.hrtime.bigint();'),
  bad(ambient, 'engine/job/a.ts', 'setTimeout(() => undefined, 1);'),
  bad(ambient, 'engine/job/a.ts', 'globalThis.setInterval(() => undefined, 1);'),
  bad(ambient, 'engine/job/a.ts', "import { setTimeout as sleep } from 'node:timers/promises';"),
  bad(ambient, 'engine/job/a.ts', "import { randomBytes } from 'node:crypto';"),
  bad('at most 400 lines a file', 'engine/job/a.ts', '\n'.repeat(399).concat('// end'), 401),
  bad('at most 70 lines a function', 'engine/job/a.ts', `function a() {${'\n'.repeat(70)}}`),
  bad('at most 70 lines a function', 'engine/job/a.ts', `class A {\n  a = () => {${'\n'.repeat(70)}};\n}`, 3),
  {
    rule: 'begins with a doc comment',
    path: 'engine/job/a.ts',
    text: '// No.\nexport const a = 1;\n',
    line: 1,
  },
  bad('no barrels', 'engine/job/all.ts', "export * from './a.ts';\nexport { b } from './b.ts';", 1),
  bad('no barrels', 'engine/job/index.ts', 'export const a = 1;', 1),
  bad('names that say something', 'engine/job/path-utils.ts', 'export const a = 1;', 1),
  bad('names that say something', 'engine/helper/a.ts', 'export const a = 1;', 1),
  bad('nothing new at the top', 'main.ts', 'export const a = 1;', 1),
  bad('nothing new at the top', 'scripts/a.ts', 'export const a = 1;', 1),
  bad('no compiled output among the sources', 'engine/base/a.js', 'export const a = 1;', 1),
  bad(hosts, 'README.md', `See http${'://'}mirror.company.lan/debian.`),
  bad(hosts, 'npm-shrinkwrap.json', '{ "resolved": "somewhere" }'),
  bad('no paths of this machine', 'README.md', `It is in ${homedir()}/slackwater.`),
  bad('nothing left to do', 'engine/job/a.ts', `// TO${'DO'}: later`),
];

export const goodExamples: readonly TextFile[] = [
  good(
    'engine/cli/main.ts',
    "import { realClock } from '../worker/real-world.ts';\nexport const a = realClock;",
  ),
  good('engine/worker/real-world.ts', 'export const now = () => Date.now();'),
  good('engine/job/a.ts', 'export const a = (ms: number) => new Date(ms); // not Date.now()'),
  good(
    'engine/job/b.ts',
    "export const text = 'import { a } from ../cli/a.ts; setTimeout(); Math.random()';",
  ),
  good(
    'engine/machine/a.ts',
    'export interface A {\n  process: string;\n}\nexport const b = (a: A) => a.process;',
  ),
  good('engine/machine/b.ts', "import type { A } from '../base/a.ts';\nexport type B = A;"),
  good('electron/main.ts', "import { app } from 'electron';\nimport { a } from './tray/a.ts';\napp.on(a);"),
  good('electron/web/serve.ts', "import { a } from '../app/a.ts';\nimport { b } from './b.ts';\na(b);"),
  good('renderer/a.ts', "import { a } from '../engine/protocol/a.ts';\nimport { b } from './b.ts';\na(b);"),
  good('engine/protocol/a.ts', "import * as v from 'valibot';\nexport const a = v.number();"),
  good('test/job/a.test.ts', `describe('a', () => {${'\n'.repeat(100)}});`),
  good('test/contract/a.ts', `export function contract() {\n${"  it('is kept', keep);\n".repeat(100)}}`),
  good('test/a.ts', "import { a } from '../build/a.ts';\nexport const url = 'http://127.0.0.1:8000/' + a;"),
  { path: 'build/a.js', text: `#!/usr/bin/env node\n${doc}process.exit(0);\n` },
];

function bad(rule: string, path: string, text: string, line = 2): BadExample {
  return { rule, path, text: `${doc}${text}\n`, line };
}

function good(path: string, text: string): TextFile {
  return { path, text: `${doc}${text}\n` };
}
