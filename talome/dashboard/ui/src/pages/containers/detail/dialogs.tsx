import { Button, Modal, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { Container } from '@/api/types';
import { Confirm } from '@/components/Confirm';
import { toast, toastError } from '@/components/toasts';
import { isRunning, titleOf } from '@/domain/containers';
import { t } from '@/i18n';
import classes from './Detail.module.css';

interface DialogProps {
  container: Container;
  onClose: () => void;
}

const DOCKER_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

export function Rename({ container, onClose }: DialogProps) {
  const [name, setName] = useState(container.name);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const valid = DOCKER_NAME.test(name.trim());

  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!valid) return;
    setBusy(true);
    try {
      const params = { path: { id: container.id } };
      await unwrap(api.POST('/api/containers/{id}/rename', { params, body: { name: name.trim() } }));
      toast({ tone: 'ok', title: t('container.renamed', { name: name.trim() }) });
      onClose();
    } catch (error) {
      toastError(t('container.renameFailed'), error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('container.rename')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form className={classes.form} onSubmit={(event) => void onSubmit(event)} noValidate>
        <TextInput
          label={t('container.newName')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          onBlur={() => setTried(true)}
          error={tried && !valid ? t('container.badName') : null}
          autoCapitalize="none"
          spellCheck={false}
          data-autofocus
        />
        <div className={classes.formActions}>
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={busy} disabled={name.trim() === container.name}>
            {t('container.rename')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

export function Remove({ container, onClose }: DialogProps) {
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const name = titleOf(container);
  const running = isRunning(container);

  const remove = async () => {
    setBusy(true);
    try {
      const params = { path: { id: container.id }, query: { force: running } };
      await unwrap(api.DELETE('/api/containers/{id}', { params }));
      toast({ tone: 'ok', title: t('container.removed', { name }) });
      await navigate({ to: '/containers' });
    } catch (error) {
      toastError(t('container.removeFailed', { name }), error);
      onClose();
    }
  };
  return (
    <Confirm
      title={t('container.removeTitle', { name })}
      confirmLabel={t('container.remove')}
      dangerous
      busy={busy}
      typed={{ word: container.name, label: t('container.removeType', { name: container.name }) }}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      <p>{t('container.removeText')}</p>
      {running && <p>{t('container.removeRunning')}</p>}
    </Confirm>
  );
}
