/** The first run: what to protect, where to keep it, key and when; it ends with a first backup. Can be left and resumed. */
import { Button, Checkbox, Group, Paper, Stack, Switch, Text, TextInput, Title } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { FailureNote } from '../parts/failure-note.tsx';
import { namedPaths, PathList } from '../parts/path-list.tsx';
import { looksLikeCron, ScheduleFields } from '../parts/schedule-fields.tsx';
import { useAsk } from '../parts/use-ask.ts';
import { goTo } from '../route.ts';
import { plainText } from '../text/plain-text.ts';
import { useApp } from '../use-app-state.ts';
import type { FirstRunDraft } from './first-run-draft.ts';
import {
  isKeyReady,
  isPlaceFilled,
  isPlaceUsable,
  KeyFields,
  PlaceFields,
  vaultToAdd,
} from './place-fields.tsx';

interface Props {
  readonly draft: FirstRunDraft;
  /** Undefined when it is done. */
  onDraft(draft: FirstRunDraft | undefined): void;
}

const stepNames = ['what', 'where', 'when'] as const;
const stepTexts = ['whatText', 'whereText', 'whenText'] as const;

export function FirstRun({ draft, onDraft }: Props) {
  const { t } = useTranslation();
  const { step } = draft;
  useEffect(() => {
    document.title = `${t('welcome.title')} – Slackwater`;
  }, [t]);
  return (
    <main className="first-run">
      <Title order={1} size="h2">
        {t('welcome.title')}
      </Title>
      <ol className="steps" aria-label={t('welcome.steps')}>
        {stepNames.map((name, place) => (
          <li
            key={name}
            className={place < step ? 'step-passed' : place === step ? 'step-here' : 'step-ahead'}
            {...(place === step ? { 'aria-current': 'step' as const } : {})}
          >
            {t(`welcome.${name}`)}
          </li>
        ))}
      </ol>
      {draft.isDone === true ? (
        <Done draft={draft} onDraft={onDraft} />
      ) : (
        <Paper className="card">
          <Title order={2} size="h4">
            {t(`welcome.${stepNames[step]}`)}
          </Title>
          <Text c="dimmed" mb="md">
            {t(`welcome.${stepTexts[step]}`)}
          </Text>
          <Step draft={draft} onDraft={onDraft} />
          <Way draft={draft} onDraft={onDraft} />
        </Paper>
      )}
    </main>
  );
}

/** All is said and the backup runs: the one thing left is the recovery sheet. */
function Done({ draft, onDraft }: Props) {
  const { t } = useTranslation();
  const { state, calls } = useApp();
  const { run, failure } = useAsk();
  const { vaultId } = draft;
  const leave = (): void => {
    onDraft(undefined);
    goTo('overview');
  };
  return (
    <Paper className="card">
      <Title order={2} size="h4" mb="xs">
        {t('vaults.sheet')}
      </Title>
      <Text className="wrap">{t('welcome.sheet', { path: plainText(draft.recoverySheet ?? '') })}</Text>
      <Text c="dimmed" mt="xs">
        {t('vaults.sheetText')}
      </Text>
      <FailureNote failure={failure} />
      <Group justify="flex-end" mt="xl">
        {state.host === 'electron' && vaultId !== undefined ? (
          <Button variant="default" onClick={() => void run(() => calls.showRecoverySheet({ vaultId }))}>
            {t('vaults.showSheet')}
          </Button>
        ) : null}
        <Button onClick={leave}>{t('welcome.toOverview')}</Button>
      </Group>
    </Paper>
  );
}

function Step({ draft, onDraft }: Props) {
  const { t } = useTranslation();
  if (draft.step === 0) {
    return (
      <Stack gap="md">
        <PathList paths={draft.sources} onChange={(sources) => onDraft({ ...draft, sources })} />
        <TextInput
          label={t('set.name')}
          placeholder={t('welcome.defaultSet')}
          maxLength={100}
          value={draft.name}
          onChange={(event) => onDraft({ ...draft, name: event.currentTarget.value })}
        />
      </Stack>
    );
  }
  if (draft.step === 1) {
    return <PlaceFields draft={draft.place} onDraft={(place) => onDraft({ ...draft, place })} />;
  }
  return (
    <Stack gap="lg">
      <KeyFields draft={draft.place} onDraft={(place) => onDraft({ ...draft, place })} />
      <ScheduleFields schedule={draft.schedule} onChange={(schedule) => onDraft({ ...draft, schedule })} />
      <Stack gap="sm">
        <Switch
          label={t('welcome.openAtLogin')}
          checked={draft.opensAtLogin}
          onChange={(event) => onDraft({ ...draft, opensAtLogin: event.currentTarget.checked })}
        />
        <Checkbox
          label={t('welcome.startNow')}
          checked={draft.startsNow}
          onChange={(event) => onDraft({ ...draft, startsNow: event.currentTarget.checked })}
        />
      </Stack>
    </Stack>
  );
}

function canGoOn({ step, sources, place, schedule }: FirstRunDraft): boolean {
  if (step === 0) return namedPaths(sources).length > 0;
  if (step === 1) return isPlaceUsable(place);
  return isKeyReady(place) && (schedule.cron === undefined || looksLikeCron(schedule.cron));
}

/** Back, on, out; and at the end all that was said is done. */
function Way({ draft, onDraft }: Props) {
  const { t } = useTranslation();
  const { run, isBusy, failure } = useAsk();
  const finish = useFinish({ draft, onDraft });
  const isLast = draft.step === 2;
  const go = (by: 1 | -1): void => onDraft({ ...draft, step: (draft.step + by) as FirstRunDraft['step'] });
  const isUntested = draft.step === 1 && isPlaceFilled(draft.place) && draft.place.test === undefined;
  return (
    <>
      <FailureNote failure={failure} />
      {isUntested ? <p className="quiet">{t('welcome.testFirst')}</p> : null}
      <Group justify="space-between" mt="xl">
        <Button variant="subtle" onClick={() => goTo('overview')}>
          {t('welcome.skip')}
        </Button>
        <Group gap="xs">
          {draft.step === 0 ? null : (
            <Button variant="default" onClick={() => go(-1)}>
              {t('common.back')}
            </Button>
          )}
          <Button
            loading={isBusy}
            disabled={!canGoOn(draft)}
            onClick={() => (isLast ? void run(finish) : go(1))}
          >
            {isLast ? t(draft.startsNow ? 'welcome.finishAndStart' : 'welcome.finish') : t('common.next')}
          </Button>
        </Group>
      </Group>
    </>
  );
}

/** Vault, backup set, login, first backup; what was done before a failure is not done again. */
function useFinish({ draft, onDraft }: Props): () => Promise<void> {
  const { t } = useTranslation();
  const { state, calls } = useApp();
  return async () => {
    const added =
      draft.vaultId === undefined
        ? await calls.addVault(vaultToAdd(draft.place))
        : { ...draft, vaultId: draft.vaultId };
    const { vaultId, recoverySheet } = added;
    const planId = draft.planId ?? crypto.randomUUID();
    const sofar = { ...draft, vaultId, planId };
    onDraft(recoverySheet === undefined ? sofar : { ...sofar, recoverySheet });
    await calls.savePlan({
      id: planId,
      name: draft.name.trim() || t('welcome.defaultSet'),
      vaultId,
      sources: namedPaths(draft.sources),
      excludes: [],
      schedule: draft.schedule,
    });
    if (draft.opensAtLogin !== state.general.openAtLogin) {
      await calls.saveGeneral({ ...state.general, openAtLogin: draft.opensAtLogin });
    }
    if (draft.startsNow) await calls.backUpNow({ planId });
    if (recoverySheet !== undefined) return onDraft({ ...sofar, isDone: true, recoverySheet });
    onDraft(undefined);
    goTo('overview');
  };
}
