/** A backup set: its name, what it protects, what it leaves out, where it goes, when it runs. */
import { Button, Group, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Plan } from '../../engine/protocol/settings.ts';
import { AskFirst } from '../parts/ask-first.tsx';
import { EmptyPage } from '../parts/empty-page.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Page } from '../parts/page.tsx';
import { namedPaths, PathList } from '../parts/path-list.tsx';
import { looksLikeCron, ScheduleFields } from '../parts/schedule-fields.tsx';
import { useAsk } from '../parts/use-ask.ts';
import { goTo } from '../route.ts';
import { plainText } from '../text/plain-text.ts';
import { useApp } from '../use-app-state.ts';

/** `planId` names the set that is changed; without one, or where it is gone, a new one is made. */
export function PlanEditorPage({ planId }: { readonly planId: string | undefined }) {
  const { t } = useTranslation();
  const { vaults, plans } = useApp().state;
  const known = plans.find(({ plan }) => plan.id === planId)?.plan;
  const name = known === undefined ? t('set.newTitle') : t('set.editTitle', { name: plainText(known.name) });
  if (vaults.length === 0) {
    return (
      <Page name={name} title={name}>
        <EmptyPage
          icon="vaults"
          title={t('vaults.emptyTitle')}
          text={t('set.noVault')}
          action={t('vaults.add')}
          onAction={() => goTo('vaults')}
        />
      </Page>
    );
  }
  return (
    <Page name={name} title={name}>
      <PlanForm known={known} firstVaultId={vaults[0]?.vault.id ?? ''} />
    </Page>
  );
}

function newPlan(vaultId: string): Plan {
  return {
    id: crypto.randomUUID(),
    name: '',
    vaultId,
    sources: [],
    excludes: [],
    schedule: { onLogin: true, everyHours: 4 },
  };
}

function PlanForm({
  known,
  firstVaultId,
}: {
  readonly known: Plan | undefined;
  readonly firstVaultId: string;
}) {
  const { t } = useTranslation();
  const { state, calls } = useApp();
  const { run, isBusy, failure } = useAsk();
  const [plan, setPlan] = useState<Plan>(() => known ?? newPlan(firstVaultId));
  const [excludes, setExcludes] = useState(() => plan.excludes.join('\n'));
  const [isTried, setTried] = useState(false);
  const change = (part: Partial<Plan>): void => setPlan({ ...plan, ...part });
  const ready: Plan = {
    ...plan,
    name: plan.name.trim(),
    sources: namedPaths(plan.sources),
    excludes: namedPaths(excludes.split('\n')),
  };
  const hasVault = state.vaults.some(({ vault }) => vault.id === plan.vaultId);
  const { cron } = ready.schedule;
  const isRight =
    ready.name !== '' && ready.sources.length > 0 && hasVault && (cron === undefined || looksLikeCron(cron));
  const save = async (): Promise<void> => {
    setTried(true);
    if (isRight && (await run(() => calls.savePlan(ready)))) goTo('overview');
  };
  return (
    <Stack gap="lg" className="form">
      <TextInput
        label={t('set.name')}
        description={t('set.nameHint')}
        maxLength={100}
        value={plan.name}
        error={isTried && ready.name === '' ? t('set.nameMissing') : undefined}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <PathList
        paths={plan.sources}
        error={isTried && ready.sources.length === 0 ? t('set.sourcesMissing') : undefined}
        onChange={(sources) => change({ sources: [...sources] })}
      />
      <Textarea
        label={t('set.excludes')}
        description={t('set.excludesHint')}
        rows={3}
        spellCheck={false}
        value={excludes}
        onChange={(event) => setExcludes(event.currentTarget.value)}
      />
      <VaultChoice vaultId={plan.vaultId} isMissing={!hasVault} onVault={(vaultId) => change({ vaultId })} />
      <ScheduleFields schedule={plan.schedule} onChange={(schedule) => change({ schedule })} />
      <FailureNote failure={failure} />
      <Group justify="space-between">
        {known === undefined ? <span /> : <PlanRemoval plan={known} />}
        <Group gap="xs">
          <Button variant="default" onClick={() => goTo('overview')}>
            {t('common.cancel')}
          </Button>
          <Button loading={isBusy} onClick={() => void save()}>
            {t('common.save')}
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}

interface VaultChoiceProps {
  readonly vaultId: string;
  readonly isMissing: boolean;
  onVault(vaultId: string): void;
}

function VaultChoice({ vaultId, isMissing, onVault }: VaultChoiceProps) {
  const { t } = useTranslation();
  const { vaults } = useApp().state;
  return (
    <NativeSelect
      label={t('set.vault')}
      value={isMissing ? '' : vaultId}
      error={isMissing ? t('set.vaultMissing') : undefined}
      data={[
        ...(isMissing ? [{ value: '', label: '–' }] : []),
        ...vaults.map(({ vault }) => ({ value: vault.id, label: plainText(vault.name) })),
      ]}
      onChange={(event) => onVault(event.currentTarget.value)}
    />
  );
}

function PlanRemoval({ plan }: { readonly plan: Plan }) {
  const { t } = useTranslation();
  const { calls } = useApp();
  const { run, isBusy, failure } = useAsk();
  const [isOpen, setOpen] = useState(false);
  const remove = async (): Promise<void> => {
    if (await run(() => calls.removePlan({ planId: plan.id }))) goTo('overview');
  };
  return (
    <>
      <Button variant="subtle" onClick={() => setOpen(true)}>
        {t('common.remove')}
      </Button>
      <AskFirst
        isOpen={isOpen}
        title={t('set.removeTitle', { name: plainText(plan.name) })}
        text={t('set.removeText')}
        action={t('set.removeAction')}
        keep={t('set.keep')}
        isBusy={isBusy}
        failure={failure}
        onAction={() => void remove()}
        onKeep={() => setOpen(false)}
      />
    </>
  );
}
