import { Checkbox, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { FormDialog } from '@/components/FormDialog';
import { ShownOnce } from '@/components/ShownOnce';
import { t } from '@/i18n';
import classes from '../Memory.module.css';
import { type EventName, LATER, SENT } from './names';

interface Props {
  onSaved: () => Promise<void>;
  onClose: () => void;
}

const order = ['label', 'input', 'description', 'error'] as ('label' | 'input' | 'description' | 'error')[];

/** Adds a webhook; its secret is shown this once. */
export default function WebhookForm({ onSaved, onClose }: Props) {
  const [url, setUrl] = useState('');
  const [events, setEvents] = useState<EventName[]>([...SENT]);
  const [own, setOwn] = useState('');
  const [problem, setProblem] = useState<Record<string, string>>({});
  const [secret, setSecret] = useState<string | null>(null);
  if (secret !== null) {
    return <ShownOnce title={t('webhooks.made')} text={t('webhooks.once')} secret={secret} onClose={onClose} />;
  }
  const save = async (): Promise<boolean> => {
    if (events.length === 0) {
      setProblem({ events: t('webhooks.eventsNeeded') });
      return false;
    }
    const body = { url: url.trim(), events, ...(own !== '' && { secret: own }) };
    try {
      setSecret((await unwrap(api.POST('/v2/webhooks', { body }))).secret);
    } catch (error) {
      if (!(error instanceof ApiError) || error.field === null) throw error;
      setProblem({ [error.field]: error.message });
    }
    await onSaved();
    return false;
  };
  return (
    <FormDialog title={t('webhooks.add')} submitLabel={t('webhooks.add')} autoComplete="off" onSubmit={save} onClose={onClose}>
      <TextInput
        label={t('webhooks.address')}
        description={t('webhooks.addressHelp')}
        inputWrapperOrder={order}
        inputMode="url"
        autoCapitalize="none"
        spellCheck={false}
        placeholder="https://"
        maxLength={2000}
        value={url}
        error={problem.url}
        onChange={(event) => {
          setUrl(event.currentTarget.value);
          setProblem({});
        }}
        data-autofocus
      />
      <Checkbox.Group
        label={t('webhooks.events')}
        value={events}
        error={problem.events}
        onChange={(next) => {
          setEvents([...SENT, ...LATER].filter((name) => next.includes(name)));
          setProblem({});
        }}
      >
        <div className={classes.choices}>
          {[...SENT, ...LATER].map((name) => (
            <Checkbox
              key={name}
              value={name}
              label={t(`webhooks.${name}`)}
              description={events.includes(name) && !SENT.some((each) => each === name) ? t('webhooks.later') : undefined}
            />
          ))}
        </div>
      </Checkbox.Group>
      <details className={classes.further}>
        <summary>{t('webhooks.further')}</summary>
        <PasswordInput
          label={t('webhooks.secret')}
          description={t('webhooks.secretHelp')}
          inputWrapperOrder={order}
          autoComplete="new-password"
          maxLength={200}
          value={own}
          error={problem.secret}
          onChange={(event) => {
            setOwn(event.currentTarget.value);
            setProblem({});
          }}
          visibilityToggleButtonProps={{ 'aria-label': t('action.show'), tabIndex: 0 }}
        />
      </details>
    </FormDialog>
  );
}
