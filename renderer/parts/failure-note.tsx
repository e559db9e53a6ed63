/** What failed, in a sentence; the details, which programs wrote, are folded away. */
import { Alert, Button, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { PlainFailure } from '../../engine/protocol/app-state.ts';
import { failureKey } from '../text/failure-key.ts';
import { Plain } from './plain.tsx';

interface Props {
  readonly failure: PlainFailure | undefined;
  readonly again?: () => void;
}

export function FailureNote({ failure, again }: Props) {
  const { t } = useTranslation();
  if (failure === undefined) return null;
  return (
    <Alert className="note note-amber" role="alert">
      <FailureText failure={failure} />
      {again === undefined ? null : (
        <Button mt="xs" variant="default" onClick={again}>
          {t('common.tryAgain')}
        </Button>
      )}
    </Alert>
  );
}

export function FailureText({ failure }: { readonly failure: PlainFailure }) {
  const { t } = useTranslation();
  const details = Object.entries(failure.detail);
  return (
    <>
      <Text size="sm">{t(`failures.${failureKey(failure)}`)}</Text>
      <details className="fold">
        <summary>{t('common.details')}</summary>
        <code className="wrap">
          <Plain text={[failure.code, ...details.map(([name, value]) => `${name}: ${value}`)].join(' · ')} />
        </code>
      </details>
    </>
  );
}
