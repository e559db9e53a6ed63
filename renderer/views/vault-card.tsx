/** A vault: where it is, how it is, who works with it. Its recovery sheet, a fresh look, its removal. */
import { Button, Group, Paper, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { VaultStatus, VaultView } from '../../engine/protocol/app-state.ts';
import { AskFirst } from '../parts/ask-first.tsx';
import { Fact, Facts } from '../parts/facts.tsx';
import { FailureNote, FailureText } from '../parts/failure-note.tsx';
import { Plain } from '../parts/plain.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { StoreWait, waitOf } from '../parts/store-wait.tsx';
import { useAsk } from '../parts/use-ask.ts';
import { useFormat } from '../parts/use-format.ts';
import { When } from '../parts/when.tsx';
import { plainText } from '../text/plain-text.ts';
import { useApp } from '../use-app-state.ts';
import { ChangeLogin, loginFields } from './change-login.tsx';
import { CompareRegions } from './compare-regions.tsx';
import { LineFacts } from './line-facts.tsx';
import { RecoverySheet } from './recovery-sheet.tsx';
import { VaultNetwork } from './vault-network.tsx';
import { VaultWork } from './vault-work.tsx';

export function VaultCard({ view }: { readonly view: VaultView }) {
  const { t } = useTranslation();
  const { calls } = useApp();
  const { run, isBusy, failure } = useAsk();
  const [open, setOpen] = useState<'sheet' | 'login' | 'removal'>();
  const { vault, status } = view;
  return (
    <Paper component="section" className="card" aria-label={plainText(vault.name)}>
      <div className="card-head">
        <div>
          <Title order={2} size="h4" className="wrap">
            <Plain text={vault.name} />
          </Title>
          <p className="quiet wrap">
            <Plain text={vault.location} />
          </p>
        </div>
        <StatusBadge view={view} />
      </div>
      <StatusFacts status={status} />
      <StoreWait view={view} />
      {view.line === undefined ? null : <LineFacts line={view.line} />}
      <VaultNetwork view={view} />
      <CompareRegions location={vault.location} isNew={false} isTroubled={isTroubled(view)} />
      <VaultWork view={view} />
      <FailureNote failure={failure} />
      <Group gap="xs" mt="md">
        <Button
          variant="default"
          loading={isBusy}
          onClick={() => void run(() => calls.checkVault({ vaultId: vault.id }))}
        >
          {t('vaults.check')}
        </Button>
        {view.recoverySheet === undefined ? null : (
          <Button variant="default" onClick={() => setOpen('sheet')}>
            {t('vaults.sheet')}
          </Button>
        )}
        {loginFields(vault).length === 0 ? null : (
          <Button variant="default" onClick={() => setOpen('login')}>
            {t('vaults.login')}
          </Button>
        )}
        <Button variant="subtle" onClick={() => setOpen('removal')}>
          {t('common.remove')}
        </Button>
      </Group>
      <RecoverySheet view={view} isOpen={open === 'sheet'} onClose={() => setOpen(undefined)} />
      <ChangeLogin vault={vault} isOpen={open === 'login'} onClose={() => setOpen(undefined)} />
      <VaultRemoval view={view} isOpen={open === 'removal'} onClose={() => setOpen(undefined)} />
    </Paper>
  );
}

const failureShareMax = 0.2;

/** Failures gather on the way to its store. */
function isTroubled({ line, network }: VaultView): boolean {
  const level = network?.view.level;
  return level === 'weak' || level === 'offline' || (line?.failureShare ?? 0) > failureShareMax;
}

function StatusBadge({ view: { status, line } }: { readonly view: VaultView }) {
  const { t } = useTranslation();
  if (status.at === 'reachable' && line !== undefined && waitOf(line) !== undefined)
    return <StateBadge tone="waiting">{t('vaults.waiting')}</StateBadge>;
  const tones = { reachable: 'good', trouble: 'waiting', unknown: 'quiet' } as const;
  const isDamaged = status.at === 'trouble' && status.failure.code === 'damaged';
  return <StateBadge tone={isDamaged ? 'risk' : tones[status.at]}>{t(`vaults.${status.at}`)}</StateBadge>;
}

function StatusFacts({ status }: { readonly status: VaultStatus }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (status.at === 'unknown') return null;
  const looked = (
    <Fact name={t('vaults.lastLook')}>
      <When ms={status.checkedMs} />
    </Fact>
  );
  if (status.at === 'trouble') {
    return (
      <div className="note note-amber">
        <FailureText failure={status.failure} />
        <Facts>{looked}</Facts>
      </div>
    );
  }
  return (
    <Facts>
      <Fact name={t('vaults.points')}>{format.number(status.snapshots)}</Fact>
      <Fact name={t('vaults.stored')}>{format.bytes(status.storedBytes)}</Fact>
      {status.freeBytes === undefined ? null : (
        <Fact name={t('vaults.free')}>{format.bytes(status.freeBytes)}</Fact>
      )}
      {looked}
    </Facts>
  );
}

interface RemovalProps {
  readonly view: VaultView;
  readonly isOpen: boolean;
  onClose(): void;
}

/** While a backup set keeps its restore points here, it only says which. */
function VaultRemoval({ view, isOpen, onClose }: RemovalProps) {
  const { t } = useTranslation();
  const { state, calls } = useApp();
  const { run, isBusy, failure } = useAsk();
  const { id, name, location } = view.vault;
  const users = state.plans.filter(({ plan }) => plan.vaultId === id).map(({ plan }) => plainText(plan.name));
  const isUsed = users.length > 0;
  const remove = async (): Promise<void> => {
    if (await run(() => calls.removeVault({ vaultId: id }))) onClose();
  };
  return (
    <AskFirst
      isOpen={isOpen}
      title={t('vaults.removeTitle', { name: plainText(name) })}
      text={
        isUsed
          ? t('vaults.usedBy', { sets: users.join(', ') })
          : t('vaults.removeText', { place: plainText(location) })
      }
      {...(isUsed ? {} : { action: t('vaults.removeAction') })}
      keep={isUsed ? t('common.close') : t('vaults.keep')}
      isBusy={isBusy}
      failure={failure}
      onAction={() => void remove()}
      onKeep={onClose}
    />
  );
}
