/**
 * A treaty between two processes: every call once, with the schema of its argument and the type of its answer. Both
 * ends and the test doubles follow from it by types. Data that crosses is plain.
 */
import * as v from 'valibot';
import type { PlainFailure } from './app-state.ts';

/** A call: asked once and answered once. */
export interface Call<Schema extends v.GenericSchema, Answer> {
  readonly argument: Schema;
  /** Only for the compiler. */
  readonly answer?: Answer;
}

export type Calls = Readonly<Record<string, Call<v.GenericSchema, unknown>>>;

export function call<Answer>() {
  return <Schema extends v.GenericSchema>(argument: Schema): Call<Schema, Answer> => ({ argument });
}

export type ArgumentOf<T> = T extends Call<infer Schema, unknown> ? v.InferOutput<Schema> : never;
export type AnswerOf<T> = T extends Call<v.GenericSchema, infer Answer> ? Answer : never;

/** Who answers: one function for each call. */
export type Answers<Treaty extends Calls> = {
  readonly [Name in keyof Treaty]: (argument: ArgumentOf<Treaty[Name]>) => Promise<AnswerOf<Treaty[Name]>>;
};

/** Who asks. A call fails with the failure that the other side had, or `unavailable` where it went away. */
export type Asks<Treaty extends Calls> = Answers<Treaty>;

/** The answer to a call as it crosses. */
export type Settled =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly failure: PlainFailure };

export type Checked = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

/** The argument as the call's schema makes it; refused where the call is unknown or the schema says no. */
export function checkArgument(treaty: Calls, name: string, argument: unknown): Checked {
  const known = Object.hasOwn(treaty, name) ? treaty[name] : undefined;
  if (known === undefined) return { ok: false };
  const parsed = v.safeParse(known.argument, argument);
  return parsed.success ? { ok: true, value: parsed.output } : { ok: false };
}
