import { Button, type ButtonProps } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { t } from '@/i18n';
import { copyText } from './clipboard';

interface Props extends ButtonProps {
  text: string;
  label?: string;
}

/** Copies a text and says so, for the eye and for a screen reader. */
export function CopyButton({ text, label = t('action.copy'), ...rest }: Props) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = window.setTimeout(() => setCopied(false), 2_000);
    return () => window.clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
      onClick={() => void copyText(text).then(setCopied)}
      aria-live="polite"
      {...rest}
    >
      {copied ? t('action.copied') : label}
    </Button>
  );
}
