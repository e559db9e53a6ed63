/** Who works with a vault: person, computer, since when, alone or shared, and whether the lock still means something. */
import { Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { LockView } from '../../engine/protocol/lock-view.ts';
import { Plain } from '../parts/plain.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { When } from '../parts/when.tsx';
import { plainText } from '../text/plain-text.ts';

export function LockTable({ locks, name }: { readonly locks: readonly LockView[]; readonly name: string }) {
  const { t } = useTranslation();
  if (locks.length === 0) return <p className="quiet">{t('locks.nobody')}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="scroll-x" aria-label={t('locks.of', { name: plainText(name) })} tabIndex={0}>
      <Table className="numbers">
        <Table.Caption>{t('locks.title')}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            {(['who', 'host', 'since', 'kind', 'state'] as const).map((title) => (
              <Table.Th key={title} scope="col">
                {t(`locks.${title}`)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {locks.map((lock) => (
            <Table.Tr key={lock.id}>
              {lock.verdict.because === 'unreadable' ? (
                <Table.Td colSpan={4}>{t('locks.nobodyKnows')}</Table.Td>
              ) : (
                <Holder lock={lock} />
              )}
              <Table.Td className="lock-state">
                <Verdict {...lock.verdict} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function Holder({ lock }: { readonly lock: LockView }) {
  const { t } = useTranslation();
  return (
    <>
      <Table.Td className="lock-who">
        <Plain text={lock.username} />
        {lock.ours ? <span className="quiet"> ({t('locks.ours')})</span> : null}
      </Table.Td>
      <Table.Td className="lock-host" title={t('locks.process', { pid: lock.pid })}>
        <Plain text={lock.hostname} />
      </Table.Td>
      <Table.Td>
        <When ms={lock.sinceMs} />
      </Table.Td>
      <Table.Td>{t(lock.exclusive ? 'locks.exclusive' : 'locks.shared')}</Table.Td>
    </>
  );
}

const tones = { live: 'good', stale: 'quiet', unsure: 'waiting' } as const;

function Verdict({ is, because }: LockView['verdict']) {
  const { t } = useTranslation();
  return (
    <>
      <StateBadge tone={tones[is]}>{t(`locks.${is}`)}</StateBadge>
      <div className="quiet">{t(`lockReasons.${because}`)}</div>
    </>
  );
}
