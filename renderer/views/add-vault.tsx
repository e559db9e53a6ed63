/** Makes a vault, or opens one that exists. Nothing is made before the place was tested. */
import { Button, Group, Modal, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FailureNote } from '../parts/failure-note.tsx';
import { useAsk } from '../parts/use-ask.ts';
import { useApp } from '../use-app-state.ts';
import {
  emptyPlace,
  isKeyReady,
  isPlaceUsable,
  KeyFields,
  PlaceFields,
  vaultToAdd,
} from './place-fields.tsx';

export function AddVault({ isOpen, onClose }: { readonly isOpen: boolean; onClose(): void }) {
  const { t } = useTranslation();
  const { calls } = useApp();
  const { run, isBusy, failure } = useAsk();
  const [draft, setDraft] = useState(emptyPlace);
  const add = async (): Promise<void> => {
    if (!(await run(() => calls.addVault(vaultToAdd(draft))))) return;
    setDraft(emptyPlace);
    onClose();
  };
  const isUsable = isPlaceUsable(draft);
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t('vaults.addTitle')}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Stack gap="md">
        <PlaceFields draft={draft} onDraft={setDraft} />
        {draft.test === undefined || draft.test.at === 'unusable' ? null : (
          <KeyFields draft={draft} onDraft={setDraft} />
        )}
        <FailureNote failure={failure} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button loading={isBusy} disabled={!isUsable || !isKeyReady(draft)} onClick={() => void add()}>
            {t(draft.test?.at === 'repository' ? 'vaults.openAction' : 'vaults.addAction')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
