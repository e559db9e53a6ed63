import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerFromBundle, pathInBundle } from '../../electron/window/bundle.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function makeBundle(): string {
  const folder = join(temporaryFolder('bundle'), 'renderer');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<p>window');
  writeFileSync(join(folder, 'assets', 'index-B_x1.js'), 'export {}');
  writeFileSync(join(folder, '..', 'secret.js'), 'secret');
  return folder;
}
const get = (folder: string, path: string): Promise<Response> =>
  answerFromBundle(folder, new Request(`app://slackwater${path}`));

describe('the bundle', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', '<p>window'],
    ['/index.html', 'text/html; charset=utf-8', '<p>window'],
    ['/assets/index-B_x1.js?x=1', 'text/javascript; charset=utf-8', 'export {}'],
  ])('has %s', async (path, type, text) => {
    const answer = await get(makeBundle(), path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(type);
    expect(await answer.text()).toBe(text);
  });

  it('comes with a policy that allows nothing but itself', async () => {
    const { headers } = await get(makeBundle(), '/');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/script-src[^;]*unsafe|\*/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each([
    'app://slackwater/%2e%2e/secret.js',
    'app://slackwater/..%2fsecret.js',
    'app://slackwater/assets/%2e%2e/%2e%2e/secret.js',
    'app://slackwater/..%5csecret.js',
    'app://slackwater//etc/passwd',
    'app://slackwater/C:/secret.js',
    'app://slackwater/secret.js%00.html',
    'app://slackwater/%',
    'app://slackwater/.hidden.js',
    'app://other/index.html',
    'app://slackwater.example/index.html',
    'app://slackwater@example/index.html',
    'file:///secret.js',
  ])('refuses %s', async (url) => {
    expect(pathInBundle(url)).toBeUndefined();
    const request = { url, method: 'GET' } as Request;
    expect((await answerFromBundle(makeBundle(), request)).status).toBe(404);
  });

  it('never leads out of its folder, whatever the path', () => {
    const part = fc.constantFrom(
      '..',
      '%2e%2e',
      '.',
      '/',
      '%2f',
      '\\',
      '%5c',
      'a',
      '%00',
      '~',
      'a.js',
      ':',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const path = pathInBundle(`app://slackwater/${parts.join('')}`);
        if (path !== undefined)
          expect(path.split('/').every((name) => /^[\w@-][\w@.-]*$/.test(name))).toBe(true);
      }),
    );
  });

  it('follows no link out of its folder', async () => {
    const folder = makeBundle();
    symlinkSync('../secret.js', join(folder, 'link.js'));
    expect((await get(folder, '/link.js')).status).toBe(404);
  });

  it('has no files of a type that a window does not need', async () => {
    const folder = makeBundle();
    writeFileSync(join(folder, 'notes.txt'), 'x');
    expect((await get(folder, '/notes.txt')).status).toBe(404);
  });

  it('is only read', async () => {
    const answer = await answerFromBundle(makeBundle(), new Request('app://slackwater/', { method: 'POST' }));
    expect(answer.status).toBe(404);
  });
});
