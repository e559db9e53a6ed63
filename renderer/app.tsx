/** The window: a function of the app's state. Chooses language, colours and page; keeps nothing else. */
import { MantineProvider, Text } from '@mantine/core';
import { useColorScheme } from '@mantine/hooks';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppState } from '../engine/protocol/app-state.ts';
import type { Bridge } from './bridge.ts';
import { type Route, useRoute } from './route.ts';
import { theme } from './style/theme.ts';
import { AppContext, useAppState } from './use-app-state.ts';
import { ActivityPage } from './views/activity.tsx';
import { FirstRun } from './views/first-run.tsx';
import { emptyDraft, type FirstRunDraft } from './views/first-run-draft.ts';
import { OverviewPage } from './views/overview.tsx';
import { PlanEditorPage } from './views/plan-editor.tsx';
import { RestorePage } from './views/restore.tsx';
import { SettingsPage } from './views/settings.tsx';
import { Sidebar } from './views/sidebar.tsx';
import { VaultsPage } from './views/vaults.tsx';

export function App({ bridge }: { readonly bridge: Bridge }) {
  const state = useAppState(bridge);
  const system = useColorScheme('light', { getInitialValueInEffect: false });
  const chosen = state?.general.theme ?? 'system';
  const app = useMemo(
    () => (state === undefined ? undefined : { state, calls: bridge.calls }),
    [state, bridge],
  );
  return (
    <MantineProvider
      theme={theme}
      forceColorScheme={chosen === 'system' ? system : chosen}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      {app === undefined ? (
        <Connecting />
      ) : (
        <AppContext value={app}>
          <Frame state={app.state} />
        </AppContext>
      )}
    </MantineProvider>
  );
}

function Connecting() {
  const { t } = useTranslation();
  return (
    <main className="connecting">
      <Text c="dimmed">{t('common.connecting')}</Text>
    </main>
  );
}

function Frame({ state }: { readonly state: AppState }) {
  const { i18n, t } = useTranslation();
  const route = useRoute();
  // Kept here, so that a visit to another page loses nothing that was typed.
  const [draft, setDraft] = useState<FirstRunDraft>();
  const language = state.general.language === 'system' ? state.language : state.general.language;
  useEffect(() => {
    void i18n.changeLanguage(language);
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : language;
  }, [i18n, language]);
  if (route.page === 'welcome') {
    return <FirstRun draft={draft ?? emptyDraft(state, t('welcome.defaultVault'))} onDraft={setDraft} />;
  }
  return (
    <div className="frame">
      <Sidebar page={route.page} />
      <main className="content">
        <View route={route} />
      </main>
    </div>
  );
}

function View({ route }: { readonly route: Route }) {
  switch (route.page) {
    case 'restore':
      return <RestorePage vaultId={route.id} />;
    case 'vaults':
      return <VaultsPage />;
    case 'activity':
      return <ActivityPage />;
    case 'settings':
      return <SettingsPage />;
    case 'set':
      return <PlanEditorPage key={route.id ?? 'new'} planId={route.id} />;
    default:
      return <OverviewPage />;
  }
}
