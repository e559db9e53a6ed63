/** A path that is typed, or chosen in the system's own dialog where there is one. */
import { Button, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp } from '../use-app-state.ts';
import { useAsk } from './use-ask.ts';

interface Props {
  readonly label: string;
  readonly description?: ReactNode;
  readonly isLabelHidden?: boolean;
  readonly value: string;
  readonly error?: string | undefined;
  onChange(path: string): void;
}

export function PathField({ label, description, isLabelHidden, value, error, onChange }: Props) {
  const { t } = useTranslation();
  const { state, calls } = useApp();
  const { run } = useAsk();
  const choose = async (): Promise<void> => {
    const { path } = await calls.chooseFolder(undefined);
    if (path !== undefined) onChange(path);
  };
  return (
    <div className="path-field">
      <TextInput
        {...(isLabelHidden === true ? { 'aria-label': label } : { label })}
        {...(description === undefined ? {} : { description })}
        value={value}
        error={error}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {state.host === 'electron' ? (
        <Button variant="default" onClick={() => void run(choose)}>
          {t('common.choose')}
        </Button>
      ) : null}
    </div>
  );
}
