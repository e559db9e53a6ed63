/** Our command line and restic take turns in one repository behind a real server: backup, check, restore. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compareFolders } from '../support/oracle.ts';
import { describeWithPeers } from '../support/peers.ts';
import { type RestServerOptions, startRestServer } from '../support/rest-server.ts';
import { runRestic } from '../support/restic.ts';
import { type Ran, slackwater } from '../support/slackwater.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const password = 'correct horse';

function makeFiles(folder: string): void {
  for (let i = 0; i < 12; i++) {
    mkdirSync(join(folder, `folder ${i}`));
    for (let j = 0; j < 8; j++)
      writeFileSync(join(folder, `folder ${i}`, `file ${j}`), `${i} ${j} `.repeat(9_000 * j));
  }
}

describeWithPeers(['restic', 'rest-server'], 'a REST server', () => {
  it.each<[string, RestServerOptions]>([
    ['that allows everything', {}],
    ['that keeps everything', { appendOnly: true }],
    ['with a login', { login: { user: 'alice', password: 'sesame' } }],
    ['on a Unix socket', { unixSocket: true }],
  ])('%s serves both of us', async (_, options) => {
    const server = await startRestServer(options);
    try {
      const source = temporaryFolder('remote-source');
      makeFiles(source);
      const repository = server.location('repository');
      const env = { RESTIC_REST_USERNAME: 'alice', RESTIC_REST_PASSWORD: 'sesame' };
      const ours = async (args: string[]): Promise<Ran> => {
        const ran = await slackwater(args, { repository, password, env });
        expect({ args, code: ran.code, stderr: ran.stderr }).toMatchObject({ code: 0 });
        return ran;
      };
      const theirs = async (args: string[]): Promise<void> => {
        const ended = await runRestic(args, { repo: repository, password, env });
        expect({ args, code: ended.code, stderr: ended.stderr }).toMatchObject({ code: 0 });
      };
      await ours(['init']);
      await ours(['backup', source]);
      await theirs(['check', '--read-data']);
      writeFileSync(join(source, 'more'), 'more');
      await theirs(['backup', source]);
      await ours(['check', '--read-data']);
      for (const restore of [ours, theirs]) {
        const target = temporaryFolder('remote-target');
        await restore(['restore', 'latest', '--target', target]);
        expect(compareFolders(source, join(target, source))).toEqual([]);
      }
    } finally {
      await server.close();
    }
  });
});
