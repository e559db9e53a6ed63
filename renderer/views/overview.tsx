/** How things are in one sentence, and a card for each backup set. */
import { Alert, Button, Menu, Stack, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { EmptyPage } from '../parts/empty-page.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Page } from '../parts/page.tsx';
import { Plain } from '../parts/plain.tsx';
import { useAsk } from '../parts/use-ask.ts';
import { useFormat } from '../parts/use-format.ts';
import { useNow } from '../parts/use-now.ts';
import { VerdictMark } from '../parts/verdict-mark.tsx';
import { goTo } from '../route.ts';
import { useApp } from '../use-app-state.ts';
import { PendingList } from './pending-list.tsx';
import { PlanCard } from './plan-card.tsx';

export function OverviewPage() {
  const { t } = useTranslation();
  const { state } = useApp();
  const { plans, vaults, verdict } = state;
  const page = t('pages.overview');
  if (plans.length === 0) {
    return (
      <Page name={page} title={page}>
        <EngineNote />
        <EmptyPage
          icon="overview"
          title={t('overview.emptyTitle')}
          text={vaults.length === 0 ? t('overview.emptyText') : t('overview.emptySet')}
          action={vaults.length === 0 ? t('overview.emptyAction') : t('overview.addSet')}
          onAction={() => (vaults.length === 0 ? goTo('welcome') : goTo('set'))}
        />
      </Page>
    );
  }
  return (
    <Page name={page} title={page} actions={<PauseControl />}>
      <div className="verdict" role="status">
        <VerdictMark kind={verdict.kind} />
        <p>
          <Plain text={verdict.sentence} />
        </p>
      </div>
      <EngineNote />
      <PendingList />
      <div className="section-head">
        <Title order={2} size="h4">
          {t('overview.sets')}
        </Title>
        <Button variant="default" onClick={() => goTo('set')}>
          {t('overview.addSet')}
        </Button>
      </div>
      <Stack gap="md">
        {plans.map((view) => (
          <PlanCard key={view.plan.id} view={view} />
        ))}
      </Stack>
    </Page>
  );
}

/** Only where the engine does not simply work. */
function EngineNote() {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { engine } = useApp().state;
  if (engine.at === 'ready') return null;
  const values = {
    when: engine.at === 'waiting' ? format.relative(engine.untilMs, now) : '',
    crashes: 'crashes' in engine ? engine.crashes : 0,
  };
  return (
    <Alert className={`note ${engine.at === 'gave-up' ? 'note-red' : 'note-amber'}`} mb="md">
      {t(`engine.${engine.at}`, values)}
    </Alert>
  );
}

const hourMs = 3_600_000;

function PauseControl() {
  const { t } = useTranslation();
  const { state, calls } = useApp();
  const { run, failure, isBusy } = useAsk();
  const pause = (durationMs?: number): void =>
    void run(() => calls.pause(durationMs === undefined ? {} : { durationMs }));
  if (state.paused !== undefined) {
    return (
      <>
        <PausedText untilMs={state.paused.untilMs} />
        <Button loading={isBusy} onClick={() => void run(() => calls.resume(undefined))}>
          {t('pause.resume')}
        </Button>
        <FailureNote failure={failure} />
      </>
    );
  }
  return (
    <>
      <Menu position="bottom-end" withinPortal={false}>
        <Menu.Target>
          <Button variant="default" loading={isBusy}>
            {t('pause.pause')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => pause(hourMs / 2)}>{t('pause.halfHour')}</Menu.Item>
          <Menu.Item onClick={() => pause(2 * hourMs)}>{t('pause.twoHours')}</Menu.Item>
          <Menu.Item onClick={() => pause(24 * hourMs)}>{t('pause.day')}</Menu.Item>
          <Menu.Item onClick={() => pause()}>{t('pause.open')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <FailureNote failure={failure} />
    </>
  );
}

function PausedText({ untilMs }: { readonly untilMs: number | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  return (
    <span className="quiet">
      {untilMs === undefined ? t('pause.paused') : t('pause.until', { when: format.relative(untilMs, now) })}
    </span>
  );
}
