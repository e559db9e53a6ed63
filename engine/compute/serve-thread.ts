/** The thread's side of a crew: does what it is asked, one after the other, and hears words in between. */
import type { MessagePort } from 'node:worker_threads';
import { packError } from './carry-error.ts';
import type { AnySkill, Duty, HandWorld, Skill, Terms, Transfer } from './crew.ts';
import type { FromThread, ThreadStart, ToThread } from './pool.ts';

/** `skills` is every skill that a thread may be told to have. */
export function serveThread(
  port: MessagePort,
  start: ThreadStart,
  skills: readonly AnySkill[],
  world: HandWorld,
): void {
  const skill = skills.find(({ name }) => name === start.skill) as Skill<Terms> | undefined;
  if (skill === undefined) throw new Error(`no thread has the skill "${start.skill}"`);
  const post = (message: FromThread, transfer: Transfer = []): void => port.postMessage(message, transfer);
  const duty = skill.begin(start.setup, world, (news, transfer) => post({ kind: 'news', news }, transfer));
  let last: Promise<void> = Promise.resolve();
  port.on('message', (message: ToThread) => {
    if (message.kind === 'word') duty.hear(message.word);
    else last = last.then(async () => await answer(duty, message, post));
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
