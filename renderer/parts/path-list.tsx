/** The folders and files that a backup set protects: a field for each, one more on demand. Always shows one. */
import { Button, CloseButton, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { plainText } from '../text/plain-text.ts';
import { useApp } from '../use-app-state.ts';
import { PathField } from './path-field.tsx';

interface Props {
  readonly paths: readonly string[];
  readonly error?: string | undefined;
  onChange(paths: readonly string[]): void;
}

export function PathList({ paths, error, onChange }: Props) {
  const { t } = useTranslation();
  const { platform } = useApp().state;
  const shown = paths.length === 0 ? [''] : paths;
  const example = platform === 'win32' ? 'C:\\Users\\me\\Documents' : '/home/me/Documents';
  return (
    <fieldset className="plain-fieldset">
      <legend>{t('set.sources')}</legend>
      <Text size="xs" c="dimmed" mb={4}>
        {t('set.sourcesHint', { example })}
      </Text>
      <Stack gap="xs">
        {shown.map((path, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a path changes while it is typed; its place does not
          <div className="path-row" key={at}>
            <PathField
              label={t('set.source', { number: at + 1 })}
              isLabelHidden
              value={path}
              error={at === 0 ? error : undefined}
              onChange={(changed) => onChange(shown.map((other, place) => (place === at ? changed : other)))}
            />
            {shown.length > 1 ? (
              <CloseButton
                size={36}
                aria-label={t('set.removeSource', { path: plainText(path) })}
                onClick={() => onChange(shown.filter((_, place) => place !== at))}
              />
            ) : null}
          </div>
        ))}
      </Stack>
      <Button variant="default" mt="xs" onClick={() => onChange([...shown, ''])}>
        {t('set.addSource')}
      </Button>
    </fieldset>
  );
}

/** What is to be saved of what was typed. */
export function namedPaths(paths: readonly string[]): string[] {
  return [...new Set(paths.map((path) => path.trim()).filter((path) => path !== ''))];
}
