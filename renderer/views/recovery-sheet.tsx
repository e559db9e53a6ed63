/** Where the recovery sheet of a vault lies, and what it is for. Its content never reaches the window. */
import { Button, Group, Modal, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { VaultView } from '../../engine/protocol/app-state.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { Plain } from '../parts/plain.tsx';
import { useAsk } from '../parts/use-ask.ts';
import { plainText } from '../text/plain-text.ts';
import { useApp } from '../use-app-state.ts';

interface Props {
  readonly view: VaultView;
  readonly isOpen: boolean;
  onClose(): void;
}

export function RecoverySheet({ view, isOpen, onClose }: Props) {
  const { t } = useTranslation();
  const { state, calls } = useApp();
  const { run, isBusy, failure } = useAsk();
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t('vaults.sheetTitle', { name: plainText(view.vault.name) })}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Text>{t('vaults.sheetText')}</Text>
      <Text mt="md" size="sm" c="dimmed">
        {t('vaults.sheetPlace')}
      </Text>
      <code className="wrap">
        <Plain text={view.recoverySheet ?? ''} />
      </code>
      <FailureNote failure={failure} />
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          {t('common.close')}
        </Button>
        {state.host === 'electron' ? (
          <Button
            loading={isBusy}
            onClick={() => void run(() => calls.showRecoverySheet({ vaultId: view.vault.id }))}
          >
            {t('vaults.showSheet')}
          </Button>
        ) : null}
      </Group>
    </Modal>
  );
}
