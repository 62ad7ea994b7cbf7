import { Button, SegmentedControl } from '@mantine/core';
import { IconChartBar, IconDownload } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { useMay } from '@/app/session';
import { downloadFile } from '@/components/clipboard';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { toastError } from '@/components/toasts';
import { useStored } from '@/components/useStored';
import { t } from '@/i18n';
import classes from '../Ai.module.css';
import { Section } from '@/components/Section';
import { useAi } from '../useAi';
import { Breakdown } from './Breakdown';
import { Calls } from './Calls';
import { Days } from './Days';
import { Figures } from './Figures';
import { useFresh } from './useFresh';

const SPANS = ['7', '30', '90'];

/** What the models cost, who used them, and how quick they were. */
export default function Usage() {
  useFresh();
  const seesAll = useMay('providers:read');
  const [{ days, whose }, choose] = useStored('ai.usage', { days: '30', whose: 'mine' });
  const everyone = seesAll && whose === 'all';
  const query = { days: Number(days), everyone };
  const balance = useAi('balance', () => unwrap(api.GET('/v1/balance')));
  const stats = useQuery({
    queryKey: ['ai', 'stats', query],
    queryFn: () => unwrap(api.GET('/v1/stats', { params: { query: { ...query, daily_days: query.days } } })),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
  return (
    <div className={classes.stack}>
      <div className={classes.row}>
        <SegmentedControl
          aria-label={t('ai.span')}
          value={days}
          onChange={(next) => choose({ days: next })}
          data={SPANS.map((count) => ({ value: count, label: t('ai.days', { count: Number(count) }) }))}
        />
        {seesAll && (
          <SegmentedControl
            aria-label={t('ai.whose')}
            value={whose}
            onChange={(next) => choose({ whose: next })}
            data={[
              { value: 'mine', label: t('ai.mine') },
              { value: 'all', label: t('ai.everyone') },
            ]}
          />
        )}
        <ExportCsv days={query.days} everyone={everyone} />
      </div>
      <Loaded list={stats}>
        {(data) => (
          <>
            <Figures stats={data} balance={balance.data} />
            {data.requests === 0 ? (
              <EmptyState icon={<IconChartBar size={26} stroke={1.75} />} title={t('ai.noCalls')} text={t('ai.noCallsText')} />
            ) : (
              <>
                <Section title={t('ai.byDay')}>
                  <Days days={data.daily} />
                </Section>
                <Breakdown days={query.days} everyone={everyone} />
                <Calls everyone={everyone} />
              </>
            )}
          </>
        )}
      </Loaded>
    </div>
  );
}

function ExportCsv({ days, everyone }: { days: number; everyone: boolean }) {
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const file = await unwrap(api.GET('/v1/usage/export', { params: { query: { days, everyone } }, parseAs: 'blob' }));
      downloadFile(`talome-ai-usage-${new Date().toISOString().slice(0, 10)}.csv`, file as Blob);
    } catch (error) {
      toastError(t('ai.exportCsv'), error);
    }
    setBusy(false);
  };
  return (
    <Button variant="default" loading={busy} leftSection={<IconDownload size={16} />} onClick={() => void save()}>
      {t('ai.exportCsv')}
    </Button>
  );
}
