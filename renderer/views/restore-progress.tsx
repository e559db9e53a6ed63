/** The restore that goes on, or how the last one ended. */
import { Button, Paper, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RestoreView } from '../../engine/protocol/app-state.ts';
import { FailureNote, FailureText } from '../parts/failure-note.tsx';
import { Track } from '../parts/run-line.tsx';
import { trackShare } from '../parts/run-stations.ts';
import { useAsk } from '../parts/use-ask.ts';
import { useFormat } from '../parts/use-format.ts';
import { plainText } from '../text/plain-text.ts';
import { useApp } from '../use-app-state.ts';

export function RestoreProgress({ restore }: { readonly restore: RestoreView }) {
  const { t } = useTranslation();
  const [isClosed, setClosed] = useState(false);
  if (restore.outcome === 'running') return <Running restore={restore} />;
  if (isClosed) return null;
  const isGood = restore.outcome === 'done';
  return (
    <div className={`note ${isGood ? 'note-good' : 'note-amber'} ended`} role="status">
      <div>
        <Ended restore={restore} />
      </div>
      <Button variant="default" onClick={() => setClosed(true)}>
        {t('common.close')}
      </Button>
    </div>
  );
}

function Ended({ restore }: { readonly restore: RestoreView }) {
  const { t } = useTranslation();
  const { outcome, target, errors } = restore;
  if (typeof outcome === 'object') return <FailureText failure={outcome} />;
  if (outcome === 'cancelled') return <Text size="sm">{t('restore.cancelled')}</Text>;
  if (outcome === 'incomplete') return <Text size="sm">{t('restore.incomplete', { count: errors })}</Text>;
  return (
    <Text size="sm" className="wrap">
      {target === '' ? t('restore.doneInPlace') : t('restore.done', { target: plainText(target) })}
    </Text>
  );
}

function Running({ restore }: { readonly restore: RestoreView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { calls } = useApp();
  const { run, isBusy, failure } = useAsk();
  const { target, bytesDone, bytesTotal, filesDone, filesTotal } = restore;
  return (
    <Paper component="section" className="card" aria-label={t('restore.progress')} mb="md">
      <Text className="wrap">
        {target === '' ? t('restore.runningInPlace') : t('restore.running', { target: plainText(target) })}
      </Text>
      <Track
        name={t('restore.size')}
        share={trackShare(bytesDone, bytesTotal, false)}
        text={t('run.ofTotal', { done: format.bytes(bytesDone), total: format.bytes(bytesTotal) })}
      />
      <Text size="sm" c="dimmed" className="numbers">
        {t('run.filesOf', { done: format.number(filesDone), total: format.number(filesTotal) })}
      </Text>
      <FailureNote failure={failure} />
      <Button
        mt="sm"
        variant="default"
        loading={isBusy}
        onClick={() => void run(() => calls.cancelRestore(undefined))}
      >
        {t('restore.stop')}
      </Button>
    </Paper>
  );
}
