/** Who works with a vault, who waits for it on this computer, how far its lists lag, and the safe way to unlock it. */
import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PlanView, VaultView } from '../../engine/protocol/app-state.ts';
import type { LagView, QueueRow, Unlocked } from '../../engine/protocol/lock-view.ts';
import { Fact, Facts } from '../parts/facts.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { useAsk } from '../parts/use-ask.ts';
import { useFormat } from '../parts/use-format.ts';
import { plainText } from '../text/plain-text.ts';
import { useApp } from '../use-app-state.ts';
import { LockTable } from './lock-table.tsx';

export function VaultWork({ view: { vault, status } }: { readonly view: VaultView }) {
  const { plans } = useApp().state;
  if (status.at !== 'reachable') return null;
  const queue = [...(status.queue ?? []), ...queuedHere(plans, vault.id)];
  return (
    <>
      {status.lag === undefined ? null : <LagFacts lag={status.lag} />}
      <LockTable locks={status.locks} name={vault.name} />
      {status.locks.length === 0 ? null : <UnlockSafely vaultId={vault.id} />}
      {queue.length === 0 ? null : <Queue rows={queue} />}
    </>
  );
}

/** Backup sets that wait in the app itself: it brings one at a time to a vault. */
function queuedHere(plans: readonly PlanView[], vaultId: string): QueueRow[] {
  return plans.flatMap(({ plan, activity }) =>
    plan.vaultId !== vaultId || activity.at !== 'queued'
      ? []
      : [
          {
            pid: 0,
            work: 'backup',
            label: plan.name,
            isWorking: false,
            sinceMs: activity.sinceMs,
            ours: true,
          },
        ],
  );
}

function LagFacts({ lag }: { readonly lag: LagView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { floorMs, seenMs = 0, settleMs, isForOneClient } = lag;
  // Less than this nobody would call a lag.
  const isSeen = seenMs >= 1_000;
  if (!isSeen && floorMs === 0) return null;
  return (
    <>
      <Facts>
        <Fact name={t('locks.lag')}>
          {isSeen && seenMs >= floorMs
            ? t('locks.lagSeen', { seen: format.duration(seenMs) })
            : t('locks.lagKnown', { floor: format.duration(floorMs) })}
        </Fact>
        <Fact name={t('locks.settle')}>{format.duration(settleMs)}</Fact>
      </Facts>
      {isForOneClient ? <p className="note note-amber">{t('locks.oneClient')}</p> : null}
    </>
  );
}

function UnlockSafely({ vaultId }: { readonly vaultId: string }) {
  const { t } = useTranslation();
  const { calls } = useApp();
  const { run, isBusy, failure } = useAsk();
  const [unlocked, setUnlocked] = useState<Unlocked>();
  const unlock = (): Promise<boolean> =>
    run(async () => {
      setUnlocked(undefined);
      setUnlocked(await calls.unlockVault({ vaultId }));
    });
  const told =
    unlocked === undefined
      ? t('locks.unlockHint')
      : unlocked.removed === 0
        ? t('locks.removedNone')
        : t('locks.removed', { count: unlocked.removed });
  return (
    <>
      <Group gap="xs" mt="xs">
        <Button variant="default" loading={isBusy} onClick={() => void unlock()}>
          {t('locks.unlock')}
        </Button>
        <Text size="sm" className="quiet" role="status">
          {told}
        </Text>
      </Group>
      <FailureNote failure={failure} />
    </>
  );
}

function Queue({ rows }: { readonly rows: readonly QueueRow[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const ours = rows.findIndex((row) => row.ours && !row.isWorking);
  const before = rows.slice(0, Math.max(0, ours)).filter((row) => !row.isWorking).length;
  const nameOf = ({ work, label }: QueueRow): string =>
    work === 'maintenance' ? t('locks.maintenance', { label: plainText(label) }) : plainText(label);
  return (
    <section aria-label={t('locks.queue')}>
      <h3 className="quiet queue-title">{t('locks.queue')}</h3>
      <ol className="queue wrap">
        {rows.map((row) => (
          <li key={`${row.pid} ${row.sinceMs} ${row.label}`}>
            {t(row.isWorking ? 'locks.working' : 'locks.waiting', {
              what: nameOf(row),
              when: format.dateTime(row.sinceMs),
            })}{' '}
            <span className="quiet">
              ({row.ours ? t('locks.ours') : t('locks.process', { pid: row.pid })})
            </span>
          </li>
        ))}
      </ol>
      {ours < 0 ? null : (
        <p className="quiet">{before === 0 ? t('locks.next') : t('locks.before', { count: before })}</p>
      )}
    </section>
  );
}
