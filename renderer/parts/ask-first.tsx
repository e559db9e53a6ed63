/** Asks before something is lost: the title and text name what, and the safe answer has the focus. */
import { Button, Group, Modal, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { PlainFailure } from '../../engine/protocol/app-state.ts';
import { FailureNote } from './failure-note.tsx';

interface Props {
  readonly isOpen: boolean;
  readonly title: string;
  readonly text: ReactNode;
  /** Without it there is nothing to do but to close. */
  readonly action?: string;
  readonly keep: string;
  readonly isBusy: boolean;
  readonly failure: PlainFailure | undefined;
  onAction(): void;
  onKeep(): void;
}

export function AskFirst(props: Props) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onKeep}
      title={props.title}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Text className="wrap">{props.text}</Text>
      <FailureNote failure={props.failure} />
      <Group justify="flex-end" mt="lg">
        {props.action === undefined ? null : (
          <Button variant="default" loading={props.isBusy} onClick={props.onAction}>
            {props.action}
          </Button>
        )}
        <Button data-autofocus onClick={props.onKeep}>
          {props.keep}
        </Button>
      </Group>
    </Modal>
  );
}
