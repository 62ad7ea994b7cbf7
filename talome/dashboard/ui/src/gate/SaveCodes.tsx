import { Button, Checkbox } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { RecoveryCodes } from '@/components/RecoveryCodes';
import { t } from '@/i18n';
import classes from './Gate.module.css';

/** The codes are shown once, so the way on opens only when they are kept. */
export default function SaveCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const [saved, setSaved] = useState(false);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <div className={classes.form}>
      <h1 className={classes.title} ref={title} tabIndex={-1}>
        {t('gate.codesTitle')}
      </h1>
      <p className={classes.text}>{t('gate.codesText')}</p>
      <RecoveryCodes codes={codes} />
      <Checkbox
        size="md"
        label={t('gate.codesSaved')}
        checked={saved}
        onChange={(event) => setSaved(event.currentTarget.checked)}
      />
      <Button size="md" fullWidth disabled={!saved} onClick={onDone}>
        {t('gate.codesContinue')}
      </Button>
    </div>
  );
}
