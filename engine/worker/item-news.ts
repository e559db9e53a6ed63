/** News of single items of a run. Only the first hundred of each kind are told: a disk that fails must not flood the app. */
import { type ByteString, toText } from '../base/byte-string.ts';
import { shortId } from '../format/id.ts';
import type { EngineNews } from '../protocol/engine-calls.ts';
import type { IncompleteNews } from '../protocol/run-news.ts';

const toldMax = 100;

/** For the log: what is shown of it comes with the next look at the vault. */
export function noteOfIncomplete({ snapshotId, missingBlobs }: IncompleteNews): EngineNews {
  const what = missingBlobs > 0 ? `${missingBlobs} blobs that it had when it was saved` : 'nothing any more';
  const sentence = `snapshot ${shortId(snapshotId)} lacks ${what}`;
  return { type: 'note', level: missingBlobs > 0 ? 'warn' : 'note', sentence };
}

export class ItemNews {
  readonly #runId: string;
  readonly #tell: (news: EngineNews) => void;
  readonly #told = { error: 0, changed: 0, warning: 0 };

  constructor(runId: string, tell: (news: EngineNews) => void) {
    this.#runId = runId;
    this.#tell = tell;
  }

  error(item: ByteString, message: string): void {
    if (this.#told.error++ >= toldMax) return;
    this.#tell({ type: 'item-error', runId: this.#runId, item: toText(item), message: reasonIn(message) });
  }

  changed(item: ByteString): void {
    if (this.#told.changed++ >= toldMax) return;
    this.#tell({ type: 'item-changed', runId: this.#runId, item: toText(item) });
  }

  warning(item: ByteString, message: string): void {
    if (this.#told.warning++ >= toldMax) return;
    this.#tell({ type: 'note', level: 'warn', sentence: `${toText(item)}: ${reasonIn(message)}` });
  }
}

/** What the system said, without its code and the path, which stands beside it. */
function reasonIn(message: string): string {
  return message.replace(/^[A-Z][A-Z0-9_]+: (.+?), \w+(?: '.*')?$/s, '$1');
}
