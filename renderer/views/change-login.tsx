/** Another login for a vault's store: nothing of the old one is shown, for it never comes back to the window. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Vault } from '../../engine/protocol/settings.ts';
import {
  accessOf,
  kindOfLocation,
  type StoreField,
  type StoreValues,
} from '../../engine/protocol/store-kinds.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { useAsk } from '../parts/use-ask.ts';
import { plainText } from '../text/plain-text.ts';
import { useApp } from '../use-app-state.ts';
import { StoreFields } from './store-fields.tsx';

/** What of a vault's store can be changed: none for a folder. */
export function loginFields({ location }: Vault): readonly StoreField[] {
  return kindOfLocation(location).fields.filter(({ access }) => access !== undefined);
}

interface Props {
  readonly vault: Vault;
  readonly isOpen: boolean;
  onClose(): void;
}

export function ChangeLogin({ vault, isOpen, onClose }: Props) {
  const { t } = useTranslation();
  const { calls } = useApp();
  const { run, isBusy, failure } = useAsk();
  const [values, setValues] = useState<StoreValues>({});
  const kind = kindOfLocation(vault.location);
  const fields = loginFields(vault);
  const isReady = fields.every(({ id, isRequired }) => isRequired !== true || values[id]);
  const leave = (): void => {
    setValues({});
    onClose();
  };
  const change = async (): Promise<void> => {
    const store = accessOf(kind, values);
    if (await run(() => calls.changeStoreAccess({ vaultId: vault.id, store }))) leave();
  };
  return (
    <Modal
      opened={isOpen}
      onClose={leave}
      title={t('vaults.loginTitle', { name: plainText(vault.name) })}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Stack gap="md">
        <Text size="sm">{t('vaults.loginText')}</Text>
        <StoreFields kind={kind} fields={fields} values={values} onValues={setValues} />
        <FailureNote failure={failure} />
        <Group justify="flex-end">
          <Button variant="default" onClick={leave}>
            {t('common.cancel')}
          </Button>
          <Button loading={isBusy} disabled={!isReady} onClick={() => void change()}>
            {t('common.save')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
