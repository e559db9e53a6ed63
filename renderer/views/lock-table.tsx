/** Who works with a vault: person, computer, since when, alone or shared. */
import { Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { LockView } from '../../engine/protocol/app-state.ts';
import { Plain } from '../parts/plain.tsx';
import { When } from '../parts/when.tsx';
import { plainText } from '../text/plain-text.ts';

export function LockTable({ locks, name }: { readonly locks: readonly LockView[]; readonly name: string }) {
  const { t } = useTranslation();
  if (locks.length === 0) return <p className="quiet">{t('vaults.noLocks')}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="scroll-x" aria-label={t('vaults.locksOf', { name: plainText(name) })} tabIndex={0}>
      <Table className="numbers">
        <Table.Caption>{t('vaults.locks')}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t('vaults.who')}</Table.Th>
            <Table.Th scope="col">{t('vaults.host')}</Table.Th>
            <Table.Th scope="col">{t('vaults.since')}</Table.Th>
            <Table.Th scope="col">{t('vaults.kind')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {locks.map((lock) => (
            <Table.Tr key={lock.id}>
              <Table.Td>
                <Plain text={lock.username} />
                {lock.ours ? <span className="quiet"> ({t('vaults.ours')})</span> : null}
              </Table.Td>
              <Table.Td className="lock-host" title={t('vaults.process', { pid: lock.pid })}>
                <Plain text={lock.hostname} />
              </Table.Td>
              <Table.Td>
                <When ms={lock.sinceMs} />
              </Table.Td>
              <Table.Td>{t(lock.exclusive ? 'vaults.exclusive' : 'vaults.shared')}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
