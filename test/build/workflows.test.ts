/** What public CI is told about real Electron: that the specs run in it, and that they cannot be left out in silence. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectFolder } from '../../build/run-tool.ts';
import { choiceVariable } from '../e2e/app-under-test.ts';

const workflow = (name: string): string =>
  readFileSync(join(projectFolder, '.github/workflows', `${name}.yml`), 'utf8');

it('CI runs the end-to-end specs in real Electron, or fails', () => {
  const text = workflow('electron');
  expect(text).toContain(`${choiceVariable}: electron\n`);
  expect(text).toMatch(/\n {10}if \[ "\$RUNNER_OS" = Linux \]; then\n +xvfb-run \S+ npm test -- test\/e2e\n/);
  expect(text).toMatch(/os: \[ubuntu-latest, windows-latest, macos-latest\]/);
  expect(text).not.toMatch(/continue-on-error|\|\| true/);
});

it.each(['test', 'installers'])('the workflow %s runs them', (name) => {
  expect(workflow(name)).toContain('uses: ./.github/workflows/electron.yml\n');
});

it('nothing is packed for people before they passed', () => {
  expect(workflow('installers')).toContain('installers:\n    needs: electron\n');
});
