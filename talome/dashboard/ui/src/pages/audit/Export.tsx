import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { downloadFile } from '@/components/clipboard';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';
import type { asQuery } from './filters';

/** What is shown, all of it, as a file. */
export function Export({ query }: { query: ReturnType<typeof asQuery> }) {
  const [busy, setBusy] = useState(false);
  const save = async (format: 'csv' | 'jsonl') => {
    setBusy(true);
    try {
      const params = { query: { ...query, format } };
      const file = await unwrap(api.GET('/api/audit-log/export', { params, parseAs: 'blob' }));
      downloadFile(`talome-audit-${new Date().toISOString().slice(0, 10)}.${format}`, file as Blob);
    } catch (error) {
      toastError(t('audit.exportFailed'), error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" loading={busy} leftSection={<IconDownload size={18} stroke={1.75} />}>
          {t('audit.export')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void save('csv')}>{t('audit.exportCsv')}</Menu.Item>
        <Menu.Item onClick={() => void save('jsonl')}>{t('audit.exportLines')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
