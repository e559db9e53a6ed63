/** A backup set: whether it is fresh, when it runs, the run that goes on, and how the last one ended. */
import { Button, Group, Paper, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { PlanView } from '../../engine/protocol/app-state.ts';
import { Fact, Facts } from '../parts/facts.tsx';
import { FailureNote, FailureText } from '../parts/failure-note.tsx';
import { OutcomeBadge } from '../parts/outcome-badge.tsx';
import { Plain } from '../parts/plain.tsx';
import { RunLine } from '../parts/run-line.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { StoreWait } from '../parts/store-wait.tsx';
import { useAsk } from '../parts/use-ask.ts';
import { useNow } from '../parts/use-now.ts';
import { When } from '../parts/when.tsx';
import { goTo } from '../route.ts';
import { plainText } from '../text/plain-text.ts';
import { useApp } from '../use-app-state.ts';

const dayMs = 86_400_000;

export function PlanCard({ view }: { readonly view: PlanView }) {
  const { t } = useTranslation();
  const { state } = useApp();
  const { plan, activity, lastRun } = view;
  const vaultView = state.vaults.find((other) => other.vault.id === plan.vaultId);
  const vault = vaultView?.vault;
  return (
    <Paper component="section" className="card" aria-label={plainText(plan.name)}>
      <div className="card-head">
        <div>
          <Title order={3} size="h4" className="wrap">
            <Plain text={plan.name} />
          </Title>
          <p className="quiet">
            {vault === undefined
              ? t('overview.noVault')
              : t('overview.into', { vault: plainText(vault.name) })}
          </p>
        </div>
        <Freshness view={view} />
      </div>
      <Facts>
        <Fact name={t('overview.lastGood')}>
          {view.lastGoodMs === undefined ? t('common.never') : <When ms={view.lastGoodMs} />}
        </Fact>
        <Fact name={t('overview.nextRun')}>
          {view.nextRunMs === undefined ? t('overview.noNext') : <When ms={view.nextRunMs} />}
        </Fact>
        {lastRun === undefined ? null : (
          <Fact name={t('overview.lastRun')}>
            <OutcomeBadge outcome={lastRun.outcome} />
          </Fact>
        )}
      </Facts>
      {lastRun?.outcome.at === 'failed' && activity.at === 'idle' ? (
        <div className="note note-amber">
          <FailureText failure={lastRun.outcome.failure} />
        </div>
      ) : null}
      {activity.at === 'running' ? (
        <>
          <StoreWait view={vaultView} />
          <RunLine progress={activity.progress} gate={activity.gate} />
        </>
      ) : null}
      {activity.at === 'queued' ? <Queued behind={activity.behind} /> : null}
      {activity.at === 'waiting' && lastRun?.outcome.at !== 'waiting' ? (
        <p className="waiting-why">{t('pending.planWaits')}</p>
      ) : null}
      {activity.at === 'finishing' ? <p className="quiet">{t('pending.planFinishes')}</p> : null}
      <PlanActions view={view} />
    </Paper>
  );
}

function PlanActions({ view }: { readonly view: PlanView }) {
  const { t } = useTranslation();
  const { calls } = useApp();
  const { run, isBusy, failure } = useAsk();
  const planId = view.plan.id;
  const phase = view.activity.at === 'running' ? view.activity.progress.phase : undefined;
  const isOver = view.activity.at !== 'running' && view.activity.at !== 'queued';
  const { vaultId } = view.plan;
  return (
    <>
      <FailureNote failure={failure} />
      <Group gap="xs" mt="md">
        {isOver ? (
          <Button loading={isBusy} onClick={() => void run(() => calls.backUpNow({ planId }))}>
            {t('overview.backUpNow')}
          </Button>
        ) : (
          <Button
            variant="default"
            loading={isBusy}
            disabled={phase === 'verified'}
            onClick={() => void run(() => calls.cancelRun({ planId }))}
          >
            {t('overview.stop')}
          </Button>
        )}
        {phase !== 'waiting' ? null : (
          <Button
            variant="default"
            aria-label={t('pending.finishNowOf', { name: plainText(view.plan.name) })}
            onClick={() => void run(() => calls.finishNow({ vaultId }))}
          >
            {t('pending.finishNow')}
          </Button>
        )}
        <Button
          variant="default"
          aria-label={`${t('common.edit')}: ${plainText(view.plan.name)}`}
          onClick={() => goTo('set', planId)}
        >
          {t('common.edit')}
        </Button>
      </Group>
    </>
  );
}

function Freshness({ view }: { readonly view: PlanView }) {
  const { t } = useTranslation();
  const { state } = useApp();
  const now = useNow();
  const days = state.general.freshDays;
  if (view.lastGoodMs === undefined) {
    // A set that is being backed up for the first time is on its way, not at risk.
    return (
      <StateBadge tone={view.activity.at === 'idle' ? 'risk' : 'quiet'}>{t('overview.noPoint')}</StateBadge>
    );
  }
  if (now - view.lastGoodMs <= days * dayMs)
    return <StateBadge tone="good">{t('overview.fresh')}</StateBadge>;
  return (
    <span title={t('overview.staleWhy', { count: days })}>
      <StateBadge tone="risk">{t('overview.stale')}</StateBadge>
    </span>
  );
}

function Queued({ behind }: { readonly behind: string | undefined }) {
  const { t } = useTranslation();
  const { state } = useApp();
  // It names a backup set; another run's name is shown as it is.
  const name = state.plans.find(({ plan }) => plan.id === behind)?.plan.name ?? behind;
  return (
    <p className="waiting-why">
      {name === undefined ? t('overview.queued') : t('overview.queuedBehind', { behind: plainText(name) })}
    </p>
  );
}
