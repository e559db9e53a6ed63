/** `slackwater key` */
import { Failure } from '../../base/failure.ts';
import { Secret } from '../../base/secret.ts';
import { shortId } from '../../format/id.ts';
import { addKey, changePassword, listKeyFacts, type NewKey, removeKey } from '../../job/keys.ts';
import type { Repository } from '../../repo/repository.ts';
import { type Context, defineCommand } from '../command.ts';
import { generateKey, replaceVaultKey, type VaultPlaces } from '../default-vault.ts';
import { showTable, showTime } from '../display.ts';
import { withRepository } from '../open-for-command.ts';
import { required, takeAtMost } from '../operands.ts';
import { flag, type OptionValues, text } from '../option-table.ts';
import { printable } from '../printable.ts';
import { newPasswordFromInput, passwordFromFile } from '../read-password.ts';

const options = {
  newPasswordFile: text('FILE', 'read the new password from this file (add, passwd)'),
  newInsecureNoPassword: flag('the new password is empty (add, passwd; insecure)'),
  user: text('NAME', 'user that the new key names (add, passwd)'),
  host: text('NAME', 'host that the new key names (add, passwd)'),
};
type Values = OptionValues<typeof options>;

export const command = defineCommand({
  name: 'key',
  summary: 'List, add, remove and change passwords',
  usage: ['key list', 'key add [OPTIONS]', 'key passwd [OPTIONS]', 'key remove ID'],
  description: [
    'A repository has one or more keys; each is opened by a password of its own and opens everything. The key in use, marked with *, cannot be removed: `passwd` replaces it.',
    'A password that someone else knew opens old copies of the repository for ever: changing it helps only against those who have no copy yet.',
    'In the default vault `passwd` makes a new key and a new recovery sheet, unless a new password is given.',
  ],
  examples: [
    { line: 'key add', means: 'add a second password; it is asked for' },
    { line: 'key passwd --new-password-file new.txt', means: 'replace the password in use' },
    { line: 'key remove 1a2b3c4d', means: 'take a password away' },
  ],
  options,
  onlyAnswers: false,
  async run(context, values, operands) {
    const action = operands.length === 0 ? 'list' : required(operands, 0, 'What to do');
    takeAtMost(operands, action === 'remove' ? 2 : 1);
    switch (action) {
      case 'list':
        refuseNewKeyOptions(values, action);
        await withRepository(context, 'shared', (repository) => list(context, repository));
        return undefined;
      case 'add':
        await withRepository(context, 'shared', (repository) => add(context, repository, values));
        return undefined;
      case 'remove': {
        refuseNewKeyOptions(values, action);
        const name = required(operands, 1, 'The id of the key to remove');
        await withRepository(context, 'exclusive', (repository) => remove(context, repository, name));
        return undefined;
      }
      case 'passwd':
        await withRepository(context, 'exclusive', (repository, _signal, vault) =>
          passwd(context, repository, values, vault),
        );
        return undefined;
      default:
        throw new Failure('usage', {
          why: `There is no \`key ${action}\`.`,
          instead: 'There are list, add, remove and passwd.',
        });
    }
  },
});

function refuseNewKeyOptions(values: Values, action: string): void {
  if (values.newPasswordFile || values.newInsecureNoPassword || values.user || values.host) {
    throw new Failure('usage', {
      why: `\`key ${action}\` makes no key, so its options have no place there.`,
    });
  }
}

async function list({ output }: Context, repository: Repository): Promise<void> {
  const keys = (await listKeyFacts(repository)).map(({ current, id, username, hostname, created }) => ({
    current,
    id,
    userName: username,
    hostName: hostname,
    created: timeOf(created),
  }));
  if (output.json) {
    output.sayJson(keys);
    return;
  }
  const columns = [{ title: ' ID' }, { title: 'User' }, { title: 'Host' }, { title: 'Created' }];
  const rows = keys.map(({ current, id, userName, hostName, created }) => [
    [`${current ? '*' : ' '}${shortId(id)}`],
    [printable(userName)],
    [printable(hostName)],
    [printable(created)],
  ]);
  for (const line of showTable(columns, rows)) output.say(line);
}

function timeOf(created: string): string {
  try {
    return showTime(created);
  } catch {
    return created;
  }
}

async function add(context: Context, repository: Repository, values: Values): Promise<void> {
  const id = await addKey(repository, await newPassword(context, values), newKeyOf(values));
  context.output.sayJson({ message_type: 'key_added', id });
  context.output.tell(`Added key ${shortId(id)}.`);
}

async function remove({ output }: Context, repository: Repository, name: string): Promise<void> {
  const id = await removeKey(repository, name);
  output.sayJson({ message_type: 'key_removed', id });
  output.tell(`Removed key ${shortId(id)}.`);
}

/** For a vault the new key is written down before the old one goes: at no time is there none. */
async function passwd(
  context: Context,
  repository: Repository,
  values: Values,
  vault: VaultPlaces | undefined,
): Promise<void> {
  const { output, platform, world } = context;
  const isGenerated = vault !== undefined && !values.newPasswordFile && !values.newInsecureNoPassword;
  const password = isGenerated ? new Secret(generateKey(world.chance)) : await newPassword(context, values);
  const id = await changePassword(repository, password, newKeyOf(values), async () => {
    if (vault !== undefined) await replaceVaultKey(vault, password, world, platform);
  });
  output.sayJson({ message_type: 'key_changed', id, removed: repository.keyId });
  output.tell(`Key ${shortId(id)} replaces ${shortId(repository.keyId)}.`);
  if (vault !== undefined) output.note(`Old recovery sheets are void now; the new one is ${vault.sheet}`);
}

function newKeyOf({ user, host }: Values): NewKey {
  return { username: user, hostname: host };
}

async function newPassword(context: Context, values: Values): Promise<Secret<string>> {
  if (values.newInsecureNoPassword) return new Secret('');
  if (values.newPasswordFile === undefined) return await newPasswordFromInput(context, 'New password');
  const password = await passwordFromFile(values.newPasswordFile);
  if (password.reveal() !== '') return password;
  throw new Failure('password-missing', {
    why: 'The new password is empty.',
    todo: 'Say --new-insecure-no-password where that is meant.',
  });
}
