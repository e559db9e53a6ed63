/** The thread's side of a crew: does what it is asked, one after the other, and hears words in between. */
import type { MessagePort } from 'node:worker_threads';
import { packError } from './carry-error.ts';
import type { AnySkill, Duty, HandWorld, Skill, Terms, Transfer } from './crew.ts';
import type { FromThread, ThreadStart, ToThread } from './pool.ts';

/** `skills` is every skill that a thread may be told to have. */
export function serveThread(
  port: MessagePort,
  name: ThreadStart,
  skills: readonly AnySkill[],
  world: HandWorld,
): void {
  const skill = skills.find((each) => each.name === name) as Skill<Terms> | undefined;
  if (skill === undefined) throw new Error(`no thread has the skill "${name}"`);
  skill.prepare?.();
  port.postMessage({ kind: 'begun' } satisfies FromThread);
  const post = (message: FromThread, transfer: Transfer = []): void => port.postMessage(message, transfer);
  let duty: Duty<Terms> | undefined;
  let last: Promise<void> = Promise.resolve();
  port.on('message', (message: ToThread) => {
    if (message.kind === 'begin') {
      duty = skill.begin(message.setup, world, (news, transfer) => post({ kind: 'news', news }, transfer));
      return;
    }
    if (duty === undefined) throw new Error('a thread is told first what it works with');
    const does = duty;
    if (message.kind === 'word') does.hear(message.word);
    else last = last.then(async () => await answer(does, message, post));
  });
}

async function answer(
  duty: Duty<Terms>,
  { number, request }: ToThread & { readonly kind: 'ask' },
  post: (message: FromThread, transfer?: Transfer) => void,
): Promise<void> {
  try {
    const { answer, transfer } = await duty.work(request);
    post({ kind: 'answer', number, answer }, transfer);
  } catch (error) {
    post({ kind: 'refusal', number, error: packError(error) });
  }
}
