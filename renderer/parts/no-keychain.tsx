/** Says where keys and passwords lie on a system without a keychain; nothing where there is one. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useApp } from '../use-app-state.ts';

export function NoKeychain() {
  const { t } = useTranslation();
  if (useApp().state.hasKeychain) return null;
  return (
    <div className="note note-amber">
      <Text size="sm">{t('common.noKeychain')}</Text>
    </div>
  );
}
