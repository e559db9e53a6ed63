/** What keeps requests from a vault's store, when it is asked again, and a way not to wait for that. */
import { Button, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { VaultView } from '../../engine/protocol/app-state.ts';
import type { LineView } from '../../engine/protocol/line-view.ts';
import { failureKey } from '../text/failure-key.ts';
import { useApp } from '../use-app-state.ts';
import { FailureNote } from './failure-note.tsx';
import { useAsk } from './use-ask.ts';
import { useFormat } from './use-format.ts';
import { useNow } from './use-now.ts';

const secondMs = 1_000;

/** Nothing where nothing waits. */
export function StoreWait({ view }: { readonly view: VaultView | undefined }) {
  const wait = view?.line === undefined ? undefined : waitOf(view.line);
  return view === undefined || wait === undefined ? null : <Waiting wait={wait} vaultId={view.vault.id} />;
}

interface Wait {
  readonly code: string;
  /** Undefined while it is being tried. */
  readonly untilMs?: number;
}

/** What work waits for counts before what would have to wait. */
export function waitOf({ waiting, writes, reads }: LineView): Wait | undefined {
  if (waiting !== undefined) return waiting;
  for (const breaker of [writes, reads]) if (breaker.at !== 'closed') return breaker;
  return undefined;
}

function Waiting({ wait, vaultId }: { readonly wait: Wait; readonly vaultId: string }) {
  const { t } = useTranslation();
  const { calls } = useApp();
  const { run, isBusy, failure } = useAsk();
  const format = useFormat();
  const now = useNow(secondMs);
  const leftMs = (wait.untilMs ?? 0) - now;
  return (
    <div className="note note-amber">
      <Text size="sm" className="numbers">
        {t('line.waiting', { why: t(`failures.${failureKey({ code: wait.code, detail: {} })}`) })}{' '}
        {leftMs > 0 ? t('line.again', { left: format.duration(leftMs) }) : t('line.trying')}
      </Text>
      <Button
        mt="xs"
        variant="default"
        loading={isBusy}
        onClick={() => void run(() => calls.tryVaultNow({ vaultId }))}
      >
        {t('line.tryNow')}
      </Button>
      <FailureNote failure={failure} />
    </div>
  );
}
