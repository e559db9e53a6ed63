/** From a vault to a restore point to a folder in it, and back to disk. */
import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SnapshotRow } from '../../engine/protocol/app-calls.ts';
import { EmptyPage } from '../parts/empty-page.tsx';
import { Page } from '../parts/page.tsx';
import { StoreWait } from '../parts/store-wait.tsx';
import { goTo } from '../route.ts';
import { plainText } from '../text/plain-text.ts';
import { useApp } from '../use-app-state.ts';
import { FolderBrowser } from './folder-browser.tsx';
import { RestoreProgress } from './restore-progress.tsx';
import { SnapshotList } from './snapshot-list.tsx';

/** `vaultId` from the address names the vault to begin with. */
export function RestorePage({ vaultId }: { readonly vaultId: string | undefined }) {
  const { t } = useTranslation();
  const { vaults, restore } = useApp().state;
  const [chosen, setChosen] = useState(vaultId);
  const [snapshot, setSnapshot] = useState<SnapshotRow>();
  const view = vaults.find((each) => each.vault.id === chosen) ?? vaults[0];
  const vault = view?.vault;
  const name = t('pages.restore');
  if (vault === undefined) {
    return (
      <Page name={name} title={name}>
        <EmptyPage
          icon="restore"
          title={t('restore.noVaultTitle')}
          text={t('restore.noVaultText')}
          action={t('vaults.add')}
          onAction={() => goTo('vaults')}
        />
      </Page>
    );
  }
  return (
    <Page name={name} title={name}>
      {restore === undefined ? null : <RestoreProgress key={restore.id} restore={restore} />}
      {vaults.length < 2 ? null : (
        <NativeSelect
          className="form"
          mb="md"
          label={t('restore.vault')}
          value={vault.id}
          data={vaults.map((each) => ({ value: each.vault.id, label: plainText(each.vault.name) }))}
          onChange={(event) => {
            setChosen(event.currentTarget.value);
            setSnapshot(undefined);
          }}
        />
      )}
      <StoreWait view={view} />
      {snapshot === undefined ? (
        <SnapshotList key={vault.id} vaultId={vault.id} onChoose={setSnapshot} />
      ) : (
        <FolderBrowser vaultId={vault.id} snapshot={snapshot} onLeave={() => setSnapshot(undefined)} />
      )}
    </Page>
  );
}
