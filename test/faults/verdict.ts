/** Whether what became of our run is what a row owes: nothing lost, nothing claimed that is not so, nothing sent twice. */
import type { Row } from './row.ts';
import type { Outcome } from './run-row.ts';

/** Empty where the row is as it must be. */
export function faultsOf(row: Row, outcome: Outcome): string[] {
  const { code, snapshots, again } = outcome;
  const faults: string[] = [];
  const mustBe = (isSo: boolean, otherwise: string): void => {
    if (!isSo) faults.push(otherwise);
  };
  const claims = hasClaimed(outcome);
  const couldSay = row.owed !== 'killed';
  mustBe(
    !couldSay || claims === snapshots > 0,
    claims ? 'says "saved" and nothing is' : 'saved, and does not say so',
  );
  mustBe(outcome.damage === undefined, `restic check: ${outcome.damage}`);
  mustBe(
    row.isPruned === true || outcome.resentBytes === 0,
    `${outcome.resentBytes} acknowledged bytes were sent again`,
  );
  mustBe(outcome.complaint === undefined, outcome.complaint ?? '');
  if (row.owed === 'saved') {
    mustBe(outcome.isOwnEnd && code === 0, `ended with ${code} instead of well`);
    mustBe(snapshots === 1, `${snapshots} snapshots`);
  } else {
    const codeOwed = row.owed === 'waits' ? 130 : null;
    mustBe(outcome.isOwnEnd === (row.owed === 'killed'), 'ended when it should not have');
    mustBe(code === codeOwed, `ended with ${code} instead of ${codeOwed}`);
    if (row.owed === 'waits') mustBe(/^waiting: .+/m.test(outcome.said), 'does not say why it waits');
    mustBe(
      again?.code === 0 && again.snapshots === again.snapshotsOwed,
      `after the next run there are ${again?.snapshots} snapshots instead of ${again?.snapshotsOwed}`,
    );
    mustBe(again?.damage === undefined, `restic check, after the next run: ${again?.damage}`);
    mustBe(again?.resentBytes === 0, `the next run sends ${again?.resentBytes} bytes again`);
    mustBe(again?.locks === 0, `the next run leaves ${again?.locks} locks`);
  }
  if (row.noticedMsMax !== undefined)
    mustBe(
      (outcome.noticedMs ?? Number.POSITIVE_INFINITY) <= row.noticedMsMax,
      'a dead request is noticed too late',
    );
  return faults;
}

export function hasClaimed({ said }: Pick<Outcome, 'said'>): boolean {
  return /^snapshot [0-9a-f]{8} (?:is )?saved/im.test(said);
}
