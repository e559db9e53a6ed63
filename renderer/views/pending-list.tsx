/** Backups that are sealed on this computer and wait to be finished: why, since when, and what a person can do. */
import { Button, Group, Paper, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppState, PendingView } from '../../engine/protocol/app-state.ts';
import { AskFirst } from '../parts/ask-first.tsx';
import { Fact, Facts } from '../parts/facts.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { GateWords } from '../parts/gate-words.tsx';
import { useAsk } from '../parts/use-ask.ts';
import { useFormat } from '../parts/use-format.ts';
import { useNow } from '../parts/use-now.ts';
import { When } from '../parts/when.tsx';
import { failureKey } from '../text/failure-key.ts';
import { plainText } from '../text/plain-text.ts';
import { useApp } from '../use-app-state.ts';

/** Nothing where nothing waits. */
export function PendingList() {
  const { t } = useTranslation();
  const { pending } = useApp().state;
  if (pending.length === 0) return null;
  return (
    <Paper component="section" className="card pending" aria-labelledby="pending-title">
      <Title order={2} size="h4" id="pending-title">
        {t('pending.title')}
      </Title>
      <p className="quiet">{t('pending.text')}</p>
      <ul className="pending-rows">
        {pending.map((view) => (
          <li key={view.id}>
            <PendingRow view={view} />
          </li>
        ))}
      </ul>
    </Paper>
  );
}

/** Its backup set's name, or what it is of. */
function nameOf({ planId, sources }: PendingView, { plans }: AppState): string {
  return plainText(plans.find(({ plan }) => plan.id === planId)?.plan.name ?? sources.join(', '));
}

function PendingRow({ view }: { readonly view: PendingView }) {
  const { t } = useTranslation();
  const { state } = useApp();
  const format = useFormat();
  const vault = state.vaults.find(({ vault: { id } }) => id === view.vaultId)?.vault;
  return (
    <>
      <p className="wrap">
        <strong>{nameOf(view, state)}</strong>{' '}
        <span className="quiet">
          {vault === undefined
            ? t('pending.noVault', { place: plainText(view.location) })
            : t('pending.into', { vault: plainText(vault.name) })}
        </span>
      </p>
      <Facts>
        <Fact name={t('pending.sealed')}>
          <When ms={view.sealedMs} />
        </Fact>
        <Fact name={t('pending.unsent')}>
          {view.unsentBytes === 0 ? t('pending.unsentIndex') : format.bytes(view.unsentBytes)}
        </Fact>
      </Facts>
      <PendingWhy view={view} />
      <PendingActions view={view} />
    </>
  );
}

function PendingWhy({ view: { at, gate, failure } }: { readonly view: PendingView }) {
  const { t } = useTranslation();
  if (at === 'finishing') return <p>{t('pending.finishing')}</p>;
  if (gate !== undefined) return <GateWords gate={gate} />;
  return (
    <p className="waiting-why">
      {failure === undefined
        ? t('pending.waits')
        : t('pending.failed', { why: t(`failures.${failureKey(failure)}`) })}
    </p>
  );
}

function PendingActions({ view }: { readonly view: PendingView }) {
  const { t } = useTranslation();
  const { state, calls } = useApp();
  const { run, isBusy, failure } = useAsk();
  const [isAsking, setAsking] = useState(false);
  const { vaultId, id, at } = view;
  const name = nameOf(view, state);
  const drop = async (): Promise<void> => {
    if (await run(() => calls.dropPending({ id }))) setAsking(false);
  };
  return (
    <>
      {isAsking ? null : <FailureNote failure={failure} />}
      {at === 'finishing' ? null : (
        <Group gap="xs" mt="xs">
          {vaultId === undefined ? null : (
            <Button
              loading={isBusy}
              aria-label={t('pending.finishNowOf', { name })}
              onClick={() => void run(() => calls.finishNow({ vaultId }))}
            >
              {t('pending.finishNow')}
            </Button>
          )}
          <Button
            variant="default"
            aria-label={t('pending.dropOf', { name })}
            onClick={() => setAsking(true)}
          >
            {t('pending.drop')}
          </Button>
        </Group>
      )}
      <DropQuestion
        view={view}
        name={name}
        isOpen={isAsking}
        isBusy={isBusy}
        failure={failure}
        onDrop={() => void drop()}
        onKeep={() => setAsking(false)}
      />
    </>
  );
}

interface QuestionProps {
  readonly view: PendingView;
  readonly name: string;
  readonly isOpen: boolean;
  readonly isBusy: boolean;
  readonly failure: ReturnType<typeof useAsk>['failure'];
  onDrop(): void;
  onKeep(): void;
}

/** Says what is lost. */
function DropQuestion({ view, name, isOpen, isBusy, failure, onDrop, onKeep }: QuestionProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const values = { when: format.relative(view.sealedMs, now), size: format.bytes(view.unsentBytes) };
  return (
    <AskFirst
      isOpen={isOpen}
      title={t('pending.dropTitle', { name })}
      text={t('pending.dropText', values)}
      action={t('pending.dropAction')}
      keep={t('pending.keep')}
      isBusy={isBusy}
      failure={failure}
      onAction={onDrop}
      onKeep={onKeep}
    />
  );
}
