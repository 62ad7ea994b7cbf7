import { Button, Modal, PasswordInput, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { toast, toastError } from '@/components/toasts';
import { t } from '@/i18n';
import classes from './Sources.module.css';

type Order = ('label' | 'input' | 'description' | 'error')[];
const BELOW: Order = ['label', 'input', 'description', 'error'];
const EMPTY = { url: '', name: '', branch: '', token: '' };

/** One more store: a well-known one, or by its address. */
export default function AddStore({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [entered, setEntered] = useState(EMPTY);
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const suggestions = useQuery({
    queryKey: ['stores', 'suggestions'],
    queryFn: () => unwrap(api.GET('/api/stores/suggestions')),
  });
  const add = async (body: Parameters<typeof send>[0], which: string) => {
    setBusy(which);
    setWrong(null);
    try {
      const { store } = await send(body);
      toast({ tone: 'ok', title: t('sources.added', { name: store.name }) });
      void queries.invalidateQueries({ queryKey: ['stores'] });
      onClose();
    } catch (error) {
      if (error instanceof ApiError && which === '' && error.status < 500 && error.status !== 0) setWrong(error.message);
      else toastError(t('sources.addFailed'), error);
    } finally {
      setBusy(null);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (entered.url.trim() === '') setWrong(t('sources.urlHelp'));
    else void add({ ...entered, url: entered.url.trim() }, '');
  };
  const field = (name: keyof typeof EMPTY) => ({
    value: entered[name],
    onChange: (event: { currentTarget: { value: string } }) => setEntered({ ...entered, [name]: event.currentTarget.value }),
    autoComplete: 'off',
    autoCapitalize: 'none',
    spellCheck: false,
    inputWrapperOrder: BELOW,
  });
  return (
    <Modal opened onClose={onClose} size="lg" title={t('sources.add')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <div className={classes.add}>
        {(suggestions.data?.length ?? 0) > 0 && (
          <section>
            <h3>{t('sources.suggested')}</h3>
            <p>{t('sources.suggestedText')}</p>
            <ul className={classes.suggestions}>
              {suggestions.data?.map(({ id, name, type, url, branch, added }) => (
                <li key={id}>
                  <div>
                    <strong>{name}</strong>
                    <span>{url}</span>
                  </div>
                  <Button
                    variant="default"
                    disabled={added}
                    loading={busy === id}
                    aria-label={added ? undefined : t('sources.suggestionAdd', { name })}
                    onClick={() => void add({ url, type, branch, name }, id)}
                  >
                    {t(added ? 'sources.alreadyAdded' : 'sources.addShort')}
                  </Button>
                </li>
              ))}
            </ul>
          </section>
        )}
        <form className={classes.form} onSubmit={submit} noValidate autoComplete="off">
          <h3>{t('sources.own')}</h3>
          <TextInput
            label={t('sources.url')}
            description={t('sources.urlHelp')}
            placeholder="https://"
            error={wrong}
            {...field('url')}
          />
          <details className={classes.fold}>
            <summary>{t('sources.more')}</summary>
            <div className={classes.form}>
              <TextInput label={t('sources.branch')} description={t('sources.branchHelp')} {...field('branch')} />
              <PasswordInput
                label={t('sources.token')}
                description={t('sources.tokenHelp')}
                visibilityToggleButtonProps={{ 'aria-label': t('action.show'), tabIndex: 0 }}
                {...field('token')}
                autoComplete="new-password"
              />
              <TextInput label={t('sources.name')} description={t('sources.nameHelp')} maxLength={80} {...field('name')} />
            </div>
          </details>
          <div className={classes.actions}>
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={busy === ''}>
              {t('sources.add')}
            </Button>
          </div>
        </form>
      </div>
    </Modal>
  );
}

type Kind = 'talome' | 'casaos' | 'casaos-static' | 'umbrel' | 'runtipi';

const send = (body: { url: string; type?: Kind; name?: string; branch?: string; token?: string }) =>
  unwrap(api.POST('/api/stores', { body }));
