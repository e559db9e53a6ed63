/** Where a vault is to be: its name, what its store asks for, a test of the place, and the password where one is needed. */
import { Button, NativeSelect, PasswordInput, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { PlaceTest } from '../../engine/protocol/app-calls.ts';
import {
  isFilled,
  placeOf,
  type StoreAccess,
  type StoreKindId,
  type StoreValues,
  storeKind,
  storeKinds,
} from '../../engine/protocol/store-kinds.ts';
import { FailureNote, FailureText } from '../parts/failure-note.tsx';
import { NoKeychain } from '../parts/no-keychain.tsx';
import { useAsk } from '../parts/use-ask.ts';
import { useFormat } from '../parts/use-format.ts';
import { useApp } from '../use-app-state.ts';
import { CompareRegions } from './compare-regions.tsx';
import { StoreFields } from './store-fields.tsx';

/** What was typed so far. The test belongs to the place: another place, another test. */
export interface PlaceDraft {
  readonly name: string;
  readonly kind: StoreKindId;
  readonly values: StoreValues;
  readonly test?: PlaceTest;
  readonly hasOwnPassword: boolean;
  readonly password: string;
}

export const emptyPlace: PlaceDraft = {
  name: '',
  kind: 'local',
  values: {},
  hasOwnPassword: false,
  password: '',
};

export function isPlaceFilled({ kind, values }: PlaceDraft): boolean {
  return isFilled(storeKind(kind), values);
}

/** As calls are given it. */
function placeOfDraft({ kind, values }: PlaceDraft): { location: string; store?: StoreAccess } {
  const { location, store } = placeOf(storeKind(kind), values);
  return Object.keys(store).length === 0 ? { location } : { location, store };
}

/** As much of the place as says whose regions are meant: what else is typed changes nothing of that. */
function regionsPlace({ kind, values }: PlaceDraft): string | undefined {
  const endpoint = (values.endpoint ?? '').trim();
  if (kind === 's3' && endpoint !== '') return `s3:${endpoint}`;
  return kind === 'b2' ? 'b2:' : undefined;
}

interface Props {
  readonly draft: PlaceDraft;
  onDraft(draft: PlaceDraft): void;
}

export function PlaceFields({ draft, onDraft }: Props) {
  const { t } = useTranslation();
  const { calls } = useApp();
  const { run, isBusy, failure } = useAsk();
  const test = async (): Promise<void> => {
    const result = await calls.testPlace(placeOfDraft(draft));
    onDraft({ ...draft, test: result });
  };
  const regionsOf = regionsPlace(draft);
  const change = (changed: Pick<PlaceDraft, 'kind' | 'values'>): void => {
    const { test: _, ...rest } = draft;
    onDraft({ ...rest, ...changed });
  };
  return (
    <Stack gap="md">
      <TextInput
        label={t('place.name')}
        description={t('place.nameHint')}
        maxLength={100}
        value={draft.name}
        onChange={(event) => onDraft({ ...draft, name: event.currentTarget.value })}
      />
      <NativeSelect
        label={t('stores.kind')}
        value={draft.kind}
        data={storeKinds.map(({ id }) => ({ value: id, label: t(`stores.${id}`) }))}
        onChange={(event) => {
          const chosen = storeKinds.find(({ id }) => id === event.currentTarget.value);
          // What was typed for another kind means nothing here, a secret least of all.
          if (chosen !== undefined) change({ kind: chosen.id, values: {} });
        }}
      />
      <StoreFields
        kind={storeKind(draft.kind)}
        values={draft.values}
        onValues={(values) => change({ kind: draft.kind, values })}
      />
      {regionsOf === undefined ? null : <CompareRegions location={regionsOf} isNew />}
      <div>
        <Button
          variant="default"
          loading={isBusy}
          disabled={!isPlaceFilled(draft)}
          onClick={() => void run(test)}
        >
          {t('place.test')}
        </Button>
      </div>
      <FailureNote failure={failure} />
      <div aria-live="polite">{draft.test === undefined ? null : <TestResult test={draft.test} />}</div>
    </Stack>
  );
}

function TestResult({ test }: { readonly test: PlaceTest }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (test.at === 'unusable') {
    return (
      <div className="note note-amber">
        <Text size="sm">{t('place.unusable')}</Text>
        <FailureText failure={test.failure} />
      </div>
    );
  }
  const sentences = [
    t(test.at === 'empty' ? 'place.empty' : 'place.repository'),
    ...(test.freeBytes === undefined ? [] : [t('place.free', { free: format.bytes(test.freeBytes) })]),
    ...measured(test).map(([key, ms]) => t(`place.${key}`, { took: format.milliseconds(ms) })),
  ];
  return (
    <div className="note note-good">
      <Text size="sm">{sentences.join(' ')}</Text>
    </div>
  );
}

/** In the order in which it was done. */
function measured(test: PlaceTest): ['reached' | 'written' | 'readBack' | 'removed', number][] {
  if (test.at === 'unusable') return [];
  if (test.at === 'repository') return test.reachMs === undefined ? [] : [['reached', test.reachMs]];
  const { writeMs, times } = test;
  if (times === undefined) return [['written', writeMs]];
  const { reachMs, readMs, removeMs } = times;
  return [
    ['reached', reachMs],
    ['written', writeMs],
    ['readBack', readMs],
    ['removed', removeMs],
  ];
}

/** The key: made by us unless the person wants a password; that of a vault that exists has to be known. */
export function KeyFields({ draft, onDraft }: Props) {
  const { t } = useTranslation();
  const { hasKeychain } = useApp().state;
  const isThere = draft.test?.at === 'repository';
  return (
    <Stack gap="sm">
      {isThere ? null : (
        <>
          <Text size="sm">{t(hasKeychain ? 'place.key' : 'place.keyInFile')}</Text>
          <Switch
            label={t('place.ownPassword')}
            description={t('place.ownPasswordWhy')}
            checked={draft.hasOwnPassword}
            onChange={(event) => onDraft({ ...draft, hasOwnPassword: event.currentTarget.checked })}
          />
        </>
      )}
      {isThere || draft.hasOwnPassword ? (
        <PasswordInput
          label={t(isThere ? 'place.password' : 'place.newPassword')}
          {...(isThere ? {} : { description: t('place.newPasswordWhy') })}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': t('place.showPassword'), tabIndex: 0 }}
          value={draft.password}
          onChange={(event) => onDraft({ ...draft, password: event.currentTarget.value })}
        />
      ) : null}
      <NoKeychain />
    </Stack>
  );
}

export function isPlaceUsable(draft: PlaceDraft): boolean {
  return draft.name.trim() !== '' && (draft.test?.at === 'empty' || draft.test?.at === 'repository');
}

export function isKeyReady(draft: PlaceDraft): boolean {
  return draft.password !== '' || (draft.test?.at === 'empty' && !draft.hasOwnPassword);
}

/** What the call that adds the vault is given. */
export function vaultToAdd(draft: PlaceDraft): {
  name: string;
  location: string;
  store?: StoreAccess;
  password?: string;
} {
  const needsPassword = draft.test?.at === 'repository' || draft.hasOwnPassword;
  return {
    name: draft.name.trim(),
    ...placeOfDraft(draft),
    ...(needsPassword ? { password: draft.password } : {}),
  };
}
