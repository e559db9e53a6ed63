/** A file that threads read in parts, beside restic, which reads it in one piece. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cliWorld } from '../cli/cli-world.ts';
import { describeWithPeers } from '../support/peers.ts';
import { runRestic } from '../support/restic.ts';
import { seededBytes } from '../support/seeded-bytes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describeWithPeers(['restic'], 'a large file', () => {
  it('is cut where restic cuts it, though it is read in parts', async () => {
    const folder = temporaryFolder('large');
    const file = join(folder, 'large.img');
    const random = (seed: string): Buffer => seededBytes(seed, 60_000_000);
    writeFileSync(file, Buffer.concat([random('a'), Buffer.alloc(20_000_000), random('b'), random('a')]));
    const place = { repo: join(folder, 'repository'), password: 'correct horse' };
    const environment = { SLACKWATER_REPOSITORY: place.repo, SLACKWATER_PASSWORD: place.password };
    const ours = cliWorld(folder);
    // Packs of 4 MiB: parts of 32.
    for (const args of [['init'], ['backup', file, '--pack-size', '4']]) {
      const { code, stderr } = await ours(args, { environment });
      expect({ args, code, stderr }).toMatchObject({ code: 0 });
    }
    const again = await runRestic(['backup', '--json', '--force', file], place);
    const [summary] = again.jsonLines<Record<string, unknown>>().slice(-1);
    expect(summary).toMatchObject({
      message_type: 'summary',
      data_blobs: 0,
      total_bytes_processed: 200_000_000,
    });
    const checked = await runRestic(['check', '--read-data'], place);
    expect([checked.code, checked.stdout]).toEqual([0, expect.stringContaining('no errors were found')]);
  });
});
