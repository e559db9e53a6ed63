/** When a backup set runs by itself: after login, every few hours, at set times; each on its own switch. */
import { NumberInput, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Schedule } from '../../engine/protocol/settings.ts';

interface Props {
  readonly schedule: Schedule;
  onChange(schedule: Schedule): void;
}

const hoursMax = 24 * 31;

/** Five fields of the characters that cron knows; the app says the rest. */
export function looksLikeCron(text: string): boolean {
  return /^[\d*/,a-z-]+(?:\s+[\d*/,a-z-]+){4}$/i.test(text.trim());
}

export function ScheduleFields({ schedule, onChange }: Props) {
  const { t } = useTranslation();
  const { everyHours, cron, onLogin } = schedule;
  const without = (name: 'everyHours' | 'cron'): Schedule => {
    const { [name]: _, ...rest } = schedule;
    return rest;
  };
  return (
    <fieldset className="plain-fieldset">
      <legend>{t('set.schedule')}</legend>
      <Stack gap={4}>
        <Switch
          label={t('set.onLogin')}
          checked={onLogin}
          onChange={(event) => onChange({ ...schedule, onLogin: event.currentTarget.checked })}
        />
        <Switch
          label={t('set.every')}
          checked={everyHours !== undefined}
          onChange={(event) =>
            onChange(event.currentTarget.checked ? { ...schedule, everyHours: 4 } : without('everyHours'))
          }
        />
        {everyHours === undefined ? null : (
          <NumberInput
            className="under-switch"
            label={t('set.everyHours')}
            min={1}
            max={hoursMax}
            allowDecimal={false}
            hideControls
            value={everyHours}
            onChange={(value) => {
              const hours = Math.min(Math.max(Number(value) || 1, 1), hoursMax);
              onChange({ ...schedule, everyHours: hours });
            }}
          />
        )}
        <Switch
          label={t('set.cron')}
          checked={cron !== undefined}
          onChange={(event) =>
            onChange(event.currentTarget.checked ? { ...schedule, cron: '0 12 * * *' } : without('cron'))
          }
        />
        {cron === undefined ? null : (
          <TextInput
            className="under-switch"
            label={t('set.cronFields')}
            description={t('set.cronHint')}
            error={looksLikeCron(cron) ? undefined : t('set.cronWrong')}
            value={cron}
            onChange={(event) => onChange({ ...schedule, cron: event.currentTarget.value })}
          />
        )}
        {!onLogin && everyHours === undefined && cron === undefined ? (
          <Text size="sm" c="dimmed">
            {t('set.nothingChosen')}
          </Text>
        ) : null}
      </Stack>
    </fieldset>
  );
}
