/** `slackwater init` */
import { openBackend } from '../../backend/open-backend.ts';
import { Failure } from '../../base/failure.ts';
import type { Secret } from '../../base/secret.ts';
import type { RepositoryVersion } from '../../format/config-file.ts';
import { shortId } from '../../format/id.ts';
import { initRepository, openRepository, type Repository } from '../../repo/repository.ts';
import { namedRepository, readPassword } from '../choose-repository.ts';
import { type Context, defineCommand } from '../command.ts';
import { vaultKey, vaultPlaces } from '../default-vault.ts';
import { createAndTell, refusePasswordOptions } from '../open-for-command.ts';
import { openStore } from '../open-store.ts';
import { takeAtMost } from '../operands.ts';
import { text } from '../option-table.ts';
import { printable } from '../printable.ts';
import { newPasswordFromInput } from '../read-password.ts';
import { lineForCommand } from '../tell-waits.ts';

export const command = defineCommand({
  name: 'init',
  summary: 'Make a new repository',
  usage: ['init', 'init -r FOLDER'],
  description: [
    'Makes an empty repository in a folder, opened by a password. Whoever loses every password loses the backups: nobody can make a new one for a repository that is there.',
    'Without -r it makes your default vault, with a key of its own and a recovery sheet; `slackwater backup` does the same on first use.',
  ],
  examples: [
    { line: 'init -r /mnt/disk/backups', means: 'make a repository on a disk; the password is asked for' },
    { line: 'init -r /srv/repo -p ~/.repo-password', means: 'the same, with the password from a file' },
  ],
  options: {
    repositoryVersion: text('VERSION', 'format of the new repository: 2, 1, latest or stable', {
      choices: ['1', '2', 'latest', 'stable'],
    }),
  },
  onlyAnswers: false,
  async run(context, values, operands) {
    takeAtMost(operands, 0);
    const version: RepositoryVersion = values.repositoryVersion === '1' ? 1 : 2;
    const location = await namedRepository(context.global, context.environment);
    const repository =
      location === undefined
        ? await initVault(context, version)
        : await initNamed(context, location, version);
    const { backend, config } = repository;
    context.output.sayJson({ message_type: 'initialized', id: config.id, repository: backend.location });
    context.output.tell(`Made repository ${shortId(config.id)} at ${printable(backend.location)}`);
    if (location !== undefined) {
      context.output.tell('Keep its password safe: without it, what is backed up is lost.');
    }
    await backend.close();
    return undefined;
  },
});

async function initNamed(
  context: Context,
  location: string,
  version: RepositoryVersion,
): Promise<Repository> {
  const backend = openStore(context, location, lineForCommand(context, 'ask'));
  const ask = (asking: Context): Promise<Secret<string>> =>
    newPasswordFromInput(asking, 'Password for the new repository');
  return await initRepository(backend, await readPassword(context, ask), context.world, { version });
}

async function initVault(context: Context, version: RepositoryVersion): Promise<Repository> {
  refusePasswordOptions(context.global);
  if (version !== 2)
    throw new Failure('usage', { why: 'The default vault is always in version 2 of the format.' });
  const vault = vaultPlaces(context);
  await createAndTell(context, vault);
  return await openRepository(
    openBackend(vault.repository, context.world),
    await vaultKey(vault),
    context.world,
  );
}
