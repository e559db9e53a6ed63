/** Where a vault is to be: its name, its folder, a test of the place, and the password where one is needed. */
import { Button, PasswordInput, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { PlaceTest } from '../../engine/protocol/app-calls.ts';
import { FailureNote, FailureText } from '../parts/failure-note.tsx';
import { NoKeychain } from '../parts/no-keychain.tsx';
import { PathField } from '../parts/path-field.tsx';
import { useAsk } from '../parts/use-ask.ts';
import { useFormat } from '../parts/use-format.ts';
import { useApp } from '../use-app-state.ts';

/** What was typed so far. The test belongs to the location: another location, another test. */
export interface PlaceDraft {
  readonly name: string;
  readonly location: string;
  readonly test?: PlaceTest;
  readonly hasOwnPassword: boolean;
  readonly password: string;
}

export const emptyPlace: PlaceDraft = { name: '', location: '', hasOwnPassword: false, password: '' };

interface Props {
  readonly draft: PlaceDraft;
  onDraft(draft: PlaceDraft): void;
}

export function PlaceFields({ draft, onDraft }: Props) {
  const { t } = useTranslation();
  const { calls } = useApp();
  const { run, isBusy, failure } = useAsk();
  const test = async (): Promise<void> => {
    const result = await calls.testPlace({ location: draft.location.trim() });
    onDraft({ ...draft, test: result });
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
      <PathField
        label={t('place.location')}
        description={t('place.locationHint')}
        value={draft.location}
        onChange={(location) => {
          const { test: _, ...rest } = draft;
          onDraft({ ...rest, location });
        }}
      />
      <div>
        <Button
          variant="default"
          loading={isBusy}
          disabled={draft.location.trim() === ''}
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
    ...(test.at === 'empty' ? [t('place.written', { took: format.milliseconds(test.writeMs) })] : []),
  ];
  return (
    <div className="note note-good">
      <Text size="sm">{sentences.join(' ')}</Text>
    </div>
  );
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
export function vaultToAdd(draft: PlaceDraft): { name: string; location: string; password?: string } {
  const needsPassword = draft.test?.at === 'repository' || draft.hasOwnPassword;
  return {
    name: draft.name.trim(),
    location: draft.location.trim(),
    ...(needsPassword ? { password: draft.password } : {}),
  };
}
