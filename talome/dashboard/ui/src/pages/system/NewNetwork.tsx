import { Button, Modal, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { toast, toastError } from '@/components/toasts';
import { t } from '@/i18n';
import classes from './System.module.css';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;

interface Props {
  onCreated: () => void;
  onClose: () => void;
}

export function NewNetwork({ onCreated, onClose }: Props) {
  const [name, setName] = useState('');
  const [internal, setInternal] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const wrong = (text: string) => (NAME.test(text) ? null : t('network.nameWrong'));

  const create = async () => {
    setBusy(true);
    try {
      await unwrap(api.POST('/api/networks', { body: { name, internal } }));
      toast({ tone: 'ok', title: t('network.created', { name }) });
      onCreated();
      onClose();
    } catch (error) {
      // A name that is taken is put right here; anything else is not about what was typed.
      if (error instanceof ApiError && (error.status === 409 || error.status === 400)) setProblem(error.message);
      else toastError(t('network.createFailed'), error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal opened onClose={onClose} title={t('network.create')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          const found = wrong(name);
          setProblem(found);
          if (found === null) void create();
        }}
      >
        <p className={classes.text}>{t('network.createText')}</p>
        <TextInput
          label={t('system.name')}
          description={t('network.nameHelp')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={name}
          error={problem}
          onChange={(event) => {
            setName(event.currentTarget.value);
            setProblem(null);
          }}
          onBlur={() => name !== '' && setProblem(wrong(name))}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          data-autofocus
        />
        <Switch
          label={t('network.internalLabel')}
          description={t('network.internalHelp')}
          checked={internal}
          onChange={(event) => setInternal(event.currentTarget.checked)}
        />
        <div className={classes.formActions}>
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={busy}>
            {t('network.create')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
