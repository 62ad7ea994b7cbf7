import { Button, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { useWide } from '@/app/useWide';
import { explain } from '@/components/explain';
import { toast, toastError } from '@/components/toasts';
import type { AppDetail } from '@/domain/apps';
import { t } from '@/i18n';
import classes from './StoreApp.module.css';

type Said = components['schemas']['ScriptsSaid'];

interface Props {
  app: AppDetail;
  onClose: () => void;
}

/** Runs an app's scripts sealed off from everything, shows what they say, and uses it only when told to. */
export default function RunScripts({ app, onClose }: Props) {
  const wide = useWide();
  const [image, setImage] = useState('busybox');
  const [said, setSaid] = useState<Said | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const path = { id: app.store, app: app.appId };

  const run = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      setSaid(await unwrap(api.POST('/api/stores/{id}/scripts/{app}/run', { params: { path }, body: { image: image.trim() } })));
    } catch (error) {
      setProblem(explain(error).why);
    }
    setBusy(false);
  };
  const take = async (digest: string) => {
    setBusy(true);
    try {
      await unwrap(api.POST('/api/stores/{id}/scripts/{app}/take', { params: { path }, body: { digest } }));
      toast({ tone: 'info', title: t('scripts.taken') });
      onClose();
    } catch (error) {
      toastError(t('scripts.notTaken'), error);
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size={640}
      fullScreen={!wide}
      title={t('scripts.title', { name: app.name })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {said === null ? (
        <form className={classes.install} onSubmit={(event) => void run(event)}>
          <p>{t('scripts.text')}</p>
          <TextInput
            label={t('scripts.image')}
            description={t('scripts.imageHelp')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={image}
            error={problem}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => {
              setImage(event.currentTarget.value);
              setProblem(null);
            }}
            data-autofocus
          />
          <div className={classes.foot}>
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={busy} disabled={image.trim() === ''}>
              {t('scripts.run')}
            </Button>
          </div>
        </form>
      ) : (
        <div className={classes.install}>
          <p>{t(said.values.length === 0 ? 'scripts.nothing' : 'scripts.said')}</p>
          <dl className={classes.said}>
            {said.values.map(({ name, value }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value === '' ? t('scripts.empty') : value}</dd>
              </div>
            ))}
          </dl>
          {said.unset.length > 0 && <p className="dim">{t('scripts.unset', { names: said.unset.join(', ') })}</p>}
          {said.errors.length > 0 && (
            <pre className={classes.saidErrors} tabIndex={0} aria-label={t('scripts.errors')}>
              {said.errors.join('\n')}
            </pre>
          )}
          <div className={classes.foot}>
            <Button variant="default" onClick={() => setSaid(null)}>
              {t('scripts.again')}
            </Button>
            <Button loading={busy} disabled={said.values.length === 0} onClick={() => void take(said.digest)}>
              {t('scripts.take')}
            </Button>
          </div>
        </div>
      )}
    </Modal>
  );
}
