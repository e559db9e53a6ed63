/** A skill for the tests of crews, which does odd things on request. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../engine/base/failure.ts';
import type { Done, Duty, Skill } from '../../engine/compute/crew.ts';

export interface OddTerms {
  readonly setup: { readonly secret: string };
  readonly request:
    | { readonly do: 'double'; readonly number: number }
    | { readonly do: 'fill'; readonly memory: ArrayBuffer }
    | {
        readonly do:
          | 'wait-for-word'
          | 'fail'
          | 'fail-in-system'
          | 'exit'
          | 'throw-outside'
          | 'spin'
          | 'secret';
      };
  readonly answer: unknown;
  readonly news: { readonly waiting: true };
  readonly word: string;
}

/** Has a byte for each thread of this process that has prepared itself. */
export const preparedFile = (): string => join(tmpdir(), `slackwater-prepared-${process.pid}`);

export const oddJobs: Skill<OddTerms> = {
  name: 'odd-jobs',
  begin({ secret }, _world, tell): Duty<OddTerms> {
    let hearNext: (word: string) => void = () => {};
    const work = async (request: OddTerms['request']): Promise<Done<unknown>> => {
      switch (request.do) {
        case 'double':
          return { answer: request.number * 2 };
        case 'fill':
          new Uint8Array(request.memory).fill(7);
          return { answer: request.memory, transfer: [request.memory] };
        case 'wait-for-word':
          return {
            answer: await new Promise<string>((resolve) => {
              hearNext = resolve;
              tell({ waiting: true });
            }),
          };
        case 'fail': {
          const cause = Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
          throw new Failure('source-unreadable', { path: '/a' }, { next: 'later', cause });
        }
        case 'fail-in-system':
          throw Object.assign(new TypeError('odd'), { code: 'ODD' });
        case 'spin':
          for (;;);
        default:
          return { answer: secret };
      }
    };
    return { work, hear: (word) => hearNext(word) };
  },
};
