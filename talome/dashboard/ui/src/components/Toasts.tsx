import { Button, CloseButton } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconInfoCircle } from '@tabler/icons-react';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { t } from '@/i18n';
import { CopyButton } from './CopyButton';
import classes from './Toasts.module.css';
import { currentToasts, dismiss, onToasts, type Toast } from './toasts';

const ICONS = { ok: IconCheck, danger: IconAlertTriangle, info: IconInfoCircle };
const READ_MS = 5_000;
const ACT_MS = 10_000;

function Message({ message }: { message: Toast }) {
  const [held, setHeld] = useState(false);
  const Icon = ICONS[message.tone];
  useEffect(() => {
    // An error stays until it has been read; the rest leaves unless someone is about to use it.
    if (held || message.tone === 'danger') return;
    const timer = window.setTimeout(() => dismiss(message.id), message.action ? ACT_MS : READ_MS);
    return () => window.clearTimeout(timer);
  }, [held, message]);
  return (
    <div
      className={classes.toast}
      data-tone={message.tone}
      role={message.tone === 'danger' ? 'alert' : 'status'}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon className={classes.icon} size={18} stroke={2} aria-hidden />
      <div className={classes.words}>
        <strong>{message.title}</strong>
        {message.text !== undefined && <p>{message.text}</p>}
        {message.details !== undefined && (
          <CopyButton mt={8} text={message.details} label={t('action.copyDetails')} />
        )}
      </div>
      {message.action && (
        <Button
          size="compact-sm"
          variant="light"
          onClick={() => {
            message.action?.run();
            dismiss(message.id);
          }}
        >
          {message.action.label}
        </Button>
      )}
      <CloseButton size={28} aria-label={t('action.dismiss')} onClick={() => dismiss(message.id)} />
    </div>
  );
}

export function Toasts() {
  const toasts = useSyncExternalStore(onToasts, currentToasts);
  return (
    <section className={classes.region} aria-label={t('toasts.label')}>
      {toasts.map((message) => (
        <Message key={message.id} message={message} />
      ))}
    </section>
  );
}
