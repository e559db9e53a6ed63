/** Where something is restored to, and what happens to files that are there. Replacing nothing is the default. */
import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FailureNote } from '../parts/failure-note.tsx';
import { PathField } from '../parts/path-field.tsx';
import { useAsk } from '../parts/use-ask.ts';
import { plainText } from '../text/plain-text.ts';
import { useApp } from '../use-app-state.ts';
import type { Place } from './folder-browser.tsx';

const overwrites = ['never', 'if-newer', 'if-changed', 'always'] as const;
type Overwrite = (typeof overwrites)[number];

interface Props {
  readonly vaultId: string;
  readonly snapshotId: string;
  readonly place: Place;
  onClose(): void;
}

export function RestoreChoice({ vaultId, snapshotId, place, onClose }: Props) {
  const { t } = useTranslation();
  const { state, calls } = useApp();
  const { run, isBusy, failure } = useAsk();
  const [where, setWhere] = useState<'folder' | 'in-place'>('folder');
  const [folder, setFolder] = useState('');
  const [overwrite, setOverwrite] = useState<Overwrite>('never');
  const target = folder.trim();
  const isReady = where === 'in-place' || target !== '';
  const start = async (): Promise<void> => {
    const to = where === 'folder' ? { target } : {};
    const ask = { vaultId, snapshotId, path: place.path, overwrite, ...to };
    if (await run(() => calls.restore(ask))) onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('restore.title', { name: plainText(place.name) })}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Stack gap="md">
        <Radio.Group
          label={t('restore.where')}
          value={where}
          onChange={(value) => setWhere(value === 'in-place' ? 'in-place' : 'folder')}
        >
          <Stack gap={0}>
            <Radio value="folder" label={t('restore.toFolder')} description={t('restore.toFolderWhy')} />
            <Radio value="in-place" label={t('restore.inPlace')} description={t('restore.inPlaceWhy')} />
          </Stack>
        </Radio.Group>
        {where === 'folder' ? (
          <PathField
            label={t('restore.target')}
            description={t('restore.targetWhy')}
            value={folder}
            onChange={setFolder}
          />
        ) : null}
        <OverwriteChoice overwrite={overwrite} onOverwrite={setOverwrite} />
        <FailureNote failure={failure} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button
            loading={isBusy}
            disabled={!isReady || state.restore?.outcome === 'running'}
            onClick={() => void start()}
          >
            {t('restore.start')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

interface OverwriteProps {
  readonly overwrite: Overwrite;
  onOverwrite(overwrite: Overwrite): void;
}

function OverwriteChoice({ overwrite, onOverwrite }: OverwriteProps) {
  const { t } = useTranslation();
  return (
    <>
      <Radio.Group
        label={t('restore.overwrite')}
        value={overwrite}
        onChange={(value) => onOverwrite(overwrites.find((known) => known === value) ?? 'never')}
      >
        <Stack gap={0}>
          {overwrites.map((value) => (
            <Radio key={value} value={value} label={t(`restore.${value}`)} />
          ))}
        </Stack>
      </Radio.Group>
      {overwrite === 'never' ? null : (
        <Text size="sm" className="note note-amber">
          {t('restore.replaceWarning')}
        </Text>
      )}
    </>
  );
}
