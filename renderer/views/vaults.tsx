/** The places where restore points are kept. */
import { Button, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyPage } from '../parts/empty-page.tsx';
import { Page } from '../parts/page.tsx';
import { useApp } from '../use-app-state.ts';
import { AddVault } from './add-vault.tsx';
import { VaultCard } from './vault-card.tsx';

export function VaultsPage() {
  const { t } = useTranslation();
  const { vaults } = useApp().state;
  const [isAdding, setAdding] = useState(false);
  const name = t('pages.vaults');
  const add = (): void => setAdding(true);
  return (
    <Page
      name={name}
      title={name}
      actions={vaults.length === 0 ? undefined : <Button onClick={add}>{t('vaults.add')}</Button>}
    >
      {vaults.length === 0 ? (
        <EmptyPage
          icon="vaults"
          title={t('vaults.emptyTitle')}
          text={t('vaults.emptyText')}
          action={t('vaults.add')}
          onAction={add}
        />
      ) : (
        <Stack gap="md">
          {vaults.map((view) => (
            <VaultCard key={view.vault.id} view={view} />
          ))}
        </Stack>
      )}
      <AddVault isOpen={isAdding} onClose={() => setAdding(false)} />
    </Page>
  );
}
