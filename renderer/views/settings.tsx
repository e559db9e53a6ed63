/** The app's own switches. Every change is saved at once. */
import { NativeSelect, NumberInput, SegmentedControl, Stack, Switch, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { type GeneralSettings, languages, themes } from '../../engine/protocol/settings.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { NoKeychain } from '../parts/no-keychain.tsx';
import { Page } from '../parts/page.tsx';
import { useAsk } from '../parts/use-ask.ts';
import { plainText } from '../text/plain-text.ts';
import { useApp } from '../use-app-state.ts';
import { BandwidthFields } from './bandwidth-fields.tsx';

const notices = {
  all: 'settings.notifyAll',
  trouble: 'settings.notifyTrouble',
  none: 'settings.notifyNone',
} as const;
/** Each language by its own name. */
const languageNames = { en: 'English', zh: '简体中文' } as const;

export function SettingsPage() {
  const { t } = useTranslation();
  const { state, calls } = useApp();
  const { run, failure } = useAsk();
  const { general } = state;
  const replace = (changed: GeneralSettings): void => void run(() => calls.saveGeneral(changed));
  const save = (change: Partial<GeneralSettings>): void => replace({ ...general, ...change });
  return (
    <Page name={t('pages.settings')} title={t('pages.settings')}>
      <Stack gap="lg" className="form">
        <Language general={general} onLanguage={(language) => save({ language })} />
        <div>
          <Text component="span" id="theme-label" className="field-label">
            {t('settings.theme')}
          </Text>
          <SegmentedControl
            fullWidth
            aria-labelledby="theme-label"
            value={general.theme}
            data={themes.map((value) => ({ value, label: t(`settings.${value}`) }))}
            onChange={(theme) => save({ theme })}
          />
        </div>
        <Switch
          label={t('settings.openAtLogin')}
          description={t('settings.openAtLoginWhy')}
          checked={general.openAtLogin}
          onChange={(event) => save({ openAtLogin: event.currentTarget.checked })}
        />
        <NativeSelect
          label={t('settings.notify')}
          value={general.notify}
          data={(['all', 'trouble', 'none'] as const).map((value) => ({ value, label: t(notices[value]) }))}
          onChange={(event) => save({ notify: event.currentTarget.value as GeneralSettings['notify'] })}
        />
        <NumberInput
          label={t('settings.fresh')}
          description={t('settings.freshWhy')}
          min={1}
          max={365}
          allowDecimal={false}
          hideControls
          value={general.freshDays}
          onChange={(value) => {
            const freshDays = Number(value);
            if (freshDays >= 1 && freshDays <= 365 && freshDays !== general.freshDays) save({ freshDays });
          }}
        />
        <BandwidthFields
          bandwidth={general.bandwidth ?? {}}
          onBandwidth={(bandwidth) => save({ bandwidth })}
        />
        <CommitWait general={general} replace={replace} />
        <Threads general={general} replace={replace} />
        <NoKeychain />
        <FailureNote failure={failure} />
        <About />
      </Stack>
    </Page>
  );
}

interface OptionalProps {
  readonly general: GeneralSettings;
  readonly replace: (changed: GeneralSettings) => void;
}

/** Empty means: as many as the engine finds right. */
function Threads({ general, replace }: OptionalProps) {
  const { t } = useTranslation();
  const { threadsMax: before, ...others } = general;
  return (
    <NumberInput
      label={t('settings.threads')}
      description={t('settings.threadsWhy')}
      min={1}
      max={64}
      allowDecimal={false}
      hideControls
      value={before ?? ''}
      onChange={(value) => {
        const threadsMax = value === '' ? undefined : Number(value);
        if (threadsMax === before) return;
        if (threadsMax === undefined) replace(others);
        else if (threadsMax >= 1 && threadsMax <= 64) replace({ ...others, threadsMax });
      }}
    />
  );
}

/** Empty means: as long as the engine finds right. */
function CommitWait({ general, replace }: OptionalProps) {
  const { t } = useTranslation();
  const { commitWaitHours: before, ...others } = general;
  return (
    <NumberInput
      label={t('settings.commitWait')}
      description={t('settings.commitWaitWhy')}
      min={1}
      max={168}
      allowDecimal={false}
      hideControls
      value={before ?? ''}
      onChange={(value) => {
        const commitWaitHours = value === '' ? undefined : Number(value);
        if (commitWaitHours === before) return;
        if (commitWaitHours === undefined) replace(others);
        else if (commitWaitHours >= 1 && commitWaitHours <= 168) replace({ ...others, commitWaitHours });
      }}
    />
  );
}

function About() {
  const { t } = useTranslation();
  const { version, hostname, platform } = useApp().state;
  return (
    <Text size="sm" c="dimmed">
      {t('settings.stored')}
      <br />
      {t('settings.about', { version, hostname: plainText(hostname), platform })}
    </Text>
  );
}

function Language({
  general,
  onLanguage,
}: {
  general: GeneralSettings;
  onLanguage: (language: GeneralSettings['language']) => void;
}) {
  const { t } = useTranslation();
  return (
    <NativeSelect
      label={t('settings.language')}
      value={general.language}
      data={languages.map((value) => ({
        value,
        label: value === 'system' ? t('settings.system') : languageNames[value],
      }))}
      onChange={(event) => {
        const language = languages.find((value) => value === event.currentTarget.value);
        if (language !== undefined) onLanguage(language);
      }}
    />
  );
}
