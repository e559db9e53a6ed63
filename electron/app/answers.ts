/** What a window may ask of the app, answered. Arguments were checked by the treaty's schemas before they come here. */
import type { AppCalls } from '../../engine/protocol/app-calls.ts';
import type { Answers } from '../../engine/protocol/calls.ts';
import { limitBandwidth } from './bandwidth.ts';
import { limitCommitWait } from './commit-wait.ts';
import { type Core, changeSettings, planOf, vaultOf } from './core.ts';
import { engineStarted } from './engine-started.ts';
import type { LockLooks } from './lock-looks.ts';
import { probeVault } from './networks.ts';
import type { Pause } from './pause.ts';
import type { Pending } from './pending.ts';
import { refusal } from './plain-failure.ts';
import type { Regions } from './regions.ts';
import type { Restores } from './restores.ts';
import type { Runs } from './runs.ts';
import { placeWithoutSecret, type Vaults } from './vaults.ts';

export interface Workings {
  readonly runs: Runs;
  readonly pending: Pending;
  readonly regions: Regions;
  readonly vaults: Vaults;
  readonly restores: Restores;
  readonly pause: Pause;
  readonly lockLooks: LockLooks;
}

export function createAnswers(core: Core, workings: Workings): Answers<AppCalls> {
  const { runs, pending, restores, pause } = workings;
  return {
    ...planAnswers(core, runs),
    ...vaultAnswers(core, workings),
    async pause({ durationMs }) {
      pause.begin(durationMs);
    },
    async resume() {
      pause.end();
    },
    async finishNow({ vaultId }) {
      await pending.finishNow(vaultId);
    },
    async dropPending({ id }) {
      await pending.drop(id);
    },
    async restore(wanted) {
      return await restores.begin(wanted);
    },
    async cancelRestore() {
      await restores.cancel();
    },
    async listRuns({ start, count }) {
      return core.parts.history.newest(start, count);
    },
    async chooseFolder() {
      const path = await core.parts.chooseFolder();
      return path === undefined ? {} : { path };
    },
  };
}

function planAnswers(core: Core, runs: Runs) {
  const { parts, known } = core;
  const keep = (plans: typeof known.settings.plans) => {
    changeSettings(core, { plans });
    parts.schedule.set(plans);
    runs.advance();
  };
  return {
    async backUpNow({ planId }) {
      const ids = planId === undefined ? known.settings.plans.map(({ id }) => id) : [planId];
      for (const id of ids) runs.ask(id, 'manual');
    },
    async cancelRun({ planId }) {
      runs.cancel(planOf(core, planId).id);
    },
    async savePlan(plan) {
      vaultOf(core, plan.vaultId);
      const { cron } = plan.schedule;
      if (cron !== undefined && !parts.schedule.reads(cron)) throw refusal('usage', { why: 'cron' });
      const { plans } = known.settings;
      const isNew = !plans.some(({ id }) => id === plan.id);
      keep(isNew ? [...plans, plan] : plans.map((before) => (before.id === plan.id ? plan : before)));
    },
    async removePlan({ planId }) {
      planOf(core, planId);
      keep(known.settings.plans.filter(({ id }) => id !== planId));
      runs.cancel(planId);
    },
    async saveGeneral(general) {
      changeSettings(core, { general });
      limitBandwidth(core);
      limitCommitWait(core);
    },
  } satisfies Partial<Answers<AppCalls>>;
}

function vaultAnswers(core: Core, { vaults, lockLooks, regions }: Workings) {
  const { parts, known } = core;
  return {
    async testPlace({ location, store }) {
      await engineStarted(parts);
      return await parts.engine.calls.testPlace(placeWithoutSecret(location, store));
    },
    async addVault(wanted) {
      await engineStarted(parts);
      return await vaults.add(wanted);
    },
    async removeVault({ vaultId }) {
      await vaults.remove(vaultId);
    },
    async checkVault({ vaultId }) {
      vaultOf(core, vaultId);
      await vaults.look(vaultId);
    },
    async unlockVault({ vaultId }) {
      vaultOf(core, vaultId);
      return await lockLooks.unlock(vaultId);
    },
    async tryVaultNow({ vaultId }) {
      const { location } = vaultOf(core, vaultId);
      await parts.engine.calls.tryNow({ location });
      void vaults.look(vaultId);
    },
    async probeVault({ vaultId }) {
      await engineStarted(parts);
      await probeVault(core, vaults, vaultId);
    },
    async compareRegions({ location }) {
      return await regions.compare(location);
    },
    async stopComparing() {
      await regions.stop();
    },
    async changeStoreAccess({ vaultId, store }) {
      await vaults.changeStore(vaultId, store);
    },
    async listSnapshots({ vaultId, start, count }) {
      await engineStarted(parts);
      return await parts.engine.calls.listSnapshots({ access: await vaults.access(vaultId), start, count });
    },
    async listFolder({ vaultId, ...wanted }) {
      return await parts.engine.calls.listFolder({ access: await vaults.access(vaultId), ...wanted });
    },
    async showRecoverySheet({ vaultId }) {
      vaultOf(core, vaultId);
      const sheet = known.sheets.get(vaultId);
      if (sheet === undefined) throw refusal('not-found', { what: 'recovery-sheet', id: vaultId });
      await parts.showFile(sheet);
    },
  } satisfies Partial<Answers<AppCalls>>;
}
