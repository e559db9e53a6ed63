/** `slackwater cat` */
import { type ByteString, fromText } from '../../base/byte-string.ts';
import { damaged, Failure } from '../../base/failure.ts';
import { encodeConfig } from '../../format/config-file.ts';
import { type Id, idOf, isId } from '../../format/id.ts';
import { encodeKeyFile } from '../../format/key-file.ts';
import { encodeSnapshot } from '../../format/snapshot-file.ts';
import { listKeys, loadKeyFile } from '../../repo/keyring.ts';
import { loadBlob } from '../../repo/load-blob.ts';
import { loadIndex } from '../../repo/load-index.ts';
import type { Repository } from '../../repo/repository.ts';
import { chooseId, findSnapshot } from '../../repo/snapshots.ts';
import { parseSnapshotPath, resolveFolder } from '../../repo/tree-path.ts';
import { loadFile } from '../../repo/unpacked-files.ts';
import { type Context, defineCommand } from '../command.ts';
import { withRepository } from '../open-for-command.ts';
import { required, takeAtMost } from '../operands.ts';

export const command = defineCommand({
  name: 'cat',
  summary: 'Print an object of the repository as it is',
  usage: [
    'cat config | masterkey',
    'cat snapshot | index | key | lock | pack | blob ID',
    'cat tree SNAPSHOT[:FOLDER]',
  ],
  description: [
    'Prints what is stored, decrypted: JSON for everything but packs and data blobs. Ids may be shortened, but those of packs and blobs.',
    '`cat masterkey` prints the key that opens everything: mind who sees it. `cat config` tells a script whether there is a repository.',
  ],
  examples: [
    { line: 'cat config', means: 'exit code 10 where there is no repository' },
    { line: 'cat tree latest:/etc', means: 'the entries of a folder as they are stored' },
  ],
  options: {},
  onlyAnswers: true,
  async run(context, _values, operands) {
    const kind = required(operands, 0, 'What to print');
    const print = printers[kind];
    if (print === undefined) {
      throw new Failure('usage', {
        why: `"${kind}" cannot be printed.`,
        instead: `There are ${Object.keys(printers).join(', ')}.`,
      });
    }
    const isAlone = kind === 'config' || kind === 'masterkey';
    takeAtMost(operands, isAlone ? 1 : 2);
    const name = isAlone ? '' : required(operands, 1, 'The id');
    await withRepository(context, 'shared', (repository) => print(context, repository, fromText(name)));
    return undefined;
  },
});

type Print = (context: Context, repository: Repository, name: ByteString) => Promise<void>;

const printers: Readonly<Record<string, Print>> = {
  config: async (context, { config }) => printJson(context, encodeConfig(config)),
  masterkey: async (context, { key }) => {
    const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
    const json = { mac: { k: base64(key.macK), r: base64(key.macR) }, encrypt: base64(key.encrypt) };
    printJson(context, JSON.stringify(json));
  },
  snapshot: async (context, repository, name) =>
    printJson(context, encodeSnapshot(await findSnapshot(repository, name))),
  key: async (context, { backend }, name) =>
    printJson(context, encodeKeyFile(await loadKeyFile(backend, chooseId(await listKeys(backend), name, 'key')))),
  index: unpacked('index'),
  lock: unpacked('lock'),
  pack: async ({ output, world }, { backend }, name) => {
    const id = fullId(name, 'pack');
    const bytes = await backend.load({ type: 'pack', name: id });
    // A broken pack is given out too: that is when one wants to see it.
    if (idOf(bytes) !== id) world.log.warn('its content does not match its name: the pack is damaged');
    output.sayBytes(bytes);
  },
  blob: async ({ output }, repository, name) => {
    const id = fullId(name, 'blob');
    const index = await loadIndex(repository);
    const type = index.has('data', id) ? 'data' : 'tree';
    output.sayBytes(await loadBlob(repository, index, type, id));
  },
  tree: async ({ output }, repository, name) => {
    const { snapshot, path } = parseSnapshotPath(name);
    const { tree } = await findSnapshot(repository, snapshot);
    const index = await loadIndex(repository);
    output.sayBytes(await loadBlob(repository, index, 'tree', await resolveFolder(repository, index, tree, path)));
  },
};

function unpacked(type: 'index' | 'lock'): Print {
  return async (context, repository, name) => {
    const ids: Id[] = [];
    for await (const file of repository.backend.list(type)) ids.push(file.name);
    printJson(context, await loadFile(repository, type, chooseId(ids, name, type)));
  };
}

function fullId(name: string, what: string): Id {
  if (isId(name)) return name;
  throw new Failure('usage', { why: `The id of a ${what} must be given in full: 64 hex digits.` });
}

/** One line for programs, indented for people. */
function printJson({ output }: Context, json: Uint8Array | string): void {
  const text = Buffer.from(json).toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    output.sayJson(value);
    output.say(JSON.stringify(value, undefined, 2));
  } catch (error) {
    throw damaged('file', '', 'it is not JSON', error);
  }
}
