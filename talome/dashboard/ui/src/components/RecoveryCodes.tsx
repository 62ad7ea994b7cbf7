import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { t } from '@/i18n';
import { exactTime } from '@/i18n/format';
import { downloadText } from './clipboard';
import { CopyButton } from './CopyButton';
import classes from './Credentials.module.css';

/** Recovery codes with the two ways to keep them. */
export function RecoveryCodes({ codes }: { codes: string[] }) {
  const host = window.location.hostname;
  const file = t('gate.codesFile', { host, date: exactTime(new Date().toISOString()), codes: codes.join('\n') });
  return (
    <>
      <ul className={classes.codes}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className={classes.row}>
        <CopyButton size="sm" text={codes.join('\n')} />
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          onClick={() => downloadText(`talome-recovery-codes-${host}.txt`, file)}
        >
          {t('gate.codesDownload')}
        </Button>
      </div>
    </>
  );
}
