import { ActionIcon } from '@mantine/core';
import { IconCoins } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { useMay } from '@/app/session';
import { useWide } from '@/app/useWide';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { Section } from '@/components/Section';
import { t } from '@/i18n';
import classes from '../Ai.module.css';
import { dollars } from '../money';
import { useAi } from '../useAi';

const GiveCredit = lazy(() => import('./GiveCredit'));

export type Wallet = components['schemas']['UserWallet'];

const COLUMNS: Column<Wallet>[] = [
  { id: 'name', label: t('ai.person'), value: ({ name }) => name, show: ({ name }) => <span className={classes.strong}>{name}</span>, width: '34%' },
  { id: 'left', label: t('ai.creditLeft'), value: ({ balanceUsd }) => balanceUsd, show: ({ balanceUsd }) => dollars(balanceUsd), end: true },
  { id: 'month', label: t('ai.spentThisMonth'), value: ({ spentThisMonthUsd }) => spentThisMonthUsd, show: ({ spentThisMonthUsd }) => dollars(spentThisMonthUsd), end: true },
  { id: 'granted', label: t('ai.creditGiven'), value: ({ grantedUsd }) => grantedUsd, show: ({ grantedUsd }) => dollars(grantedUsd), end: true },
];

/** What everyone has left for models that cost money; an administrator gives more. */
export function WalletsList() {
  const mayChange = useMay('providers:write');
  const wide = useWide();
  const list = useAi('wallets', () => unwrap(api.GET('/api/gateway/wallets')));
  const [given, setGiven] = useState<Wallet | null>(null);
  return (
    <Section title={t('ai.credit')} text={t('ai.creditText')}>
      <Loaded list={list}>
        {(wallets) => (
          <DataList
            name="ai.wallets"
            label={t('ai.credit')}
            columns={COLUMNS}
            rows={wallets}
            rowKey={({ userId }) => userId}
            order={{ sort: 'name', descending: false }}
            actionsWidth={60}
            empty={<EmptyState icon={<IconCoins size={26} stroke={1.75} />} title={t('ai.noWallets')} text={t('ai.noWalletsText')} />}
            actions={
              mayChange
                ? (wallet) => (
                    <ActionIcon
                      size={wide ? 34 : 44}
                      aria-label={t('ai.giveCreditTo', wallet)}
                      title={t('ai.giveCreditTo', wallet)}
                      onClick={() => setGiven(wallet)}
                    >
                      <IconCoins size={18} stroke={1.75} />
                    </ActionIcon>
                  )
                : undefined
            }
          />
        )}
      </Loaded>
      <Suspense>
        {given && <GiveCredit wallet={given} onSaved={async () => void (await list.refetch())} onClose={() => setGiven(null)} />}
      </Suspense>
    </Section>
  );
}
