import { Button, Modal, NativeSelect, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { downloadText } from '@/components/clipboard';
import { Time } from '@/components/Time';
import { toast, toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { type UserApp } from './own';
import classes from './Own.module.css';

type Plan = components['schemas']['PublishPlan'];
type Source = components['schemas']['CommunitySource'];

const NOWHERE = '';

/** Gives an own app to a store: into its folder where it lies on this machine, else as a patch. */
export default function Publish({ app, onClose }: { app: UserApp; onClose: () => void }) {
  const { name } = app;
  const [store, setStore] = useState(NOWHERE);
  const [busy, setBusy] = useState(false);
  const sources = useQuery({ queryKey: ['community', 'sources'], queryFn: () => unwrap(api.GET('/api/community/sources')) });
  const before = useQuery({ queryKey: ['community', 'submissions'], queryFn: () => unwrap(api.GET('/api/community/submissions')) });
  const source = sources.data?.find(({ id }) => id === store);
  const plan = useQuery({
    queryKey: ['community', 'plan', app.id, store],
    queryFn: () => unwrap(api.POST('/api/community/publish', { body: { appId: app.id, store, plan: true } })) as Promise<Plan>,
    enabled: source?.folder === true,
    retry: false,
  });
  const act = async (work: () => Promise<void>) => {
    setBusy(true);
    try {
      await work();
      onClose();
    } catch (error) {
      toastError(t('publish.failed', { name }), error);
      setBusy(false);
    }
  };
  const put = () =>
    act(async () => {
      await unwrap(api.POST('/api/community/publish', { body: { appId: app.id, store, replace: plan.data?.replaces != null } }));
      toast({ tone: 'ok', title: t('publish.begun', { name }) });
    });
  const patch = () =>
    act(async () => {
      const made = await unwrap(api.POST('/api/community/patch', { body: { appId: app.id, ...(store !== NOWHERE && { store }) } }));
      downloadText(made.name, made.text);
    });
  const given = before.data?.filter(({ appId }) => appId === app.id) ?? [];
  return (
    <Modal opened onClose={onClose} title={t('publish.title', { name })} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {sources.data === undefined ? (
        <Skeleton height={120} radius={10} />
      ) : (
        <div className={classes.publish}>
          <NativeSelect
            size="md"
            label={t('publish.where')}
            value={store}
            onChange={(event) => setStore(event.currentTarget.value)}
            data={[{ value: NOWHERE, label: t('publish.nowhere') }, ...sources.data.map(({ id, name: label }) => ({ value: id, label }))]}
          />
          <What source={source} plan={plan.data} error={plan.error} />
          <div className={classes.actions}>
            <Button variant="default" loading={busy} onClick={() => void patch()}>
              {t('publish.patch')}
            </Button>
            {source?.folder && (
              <Button loading={busy} disabled={plan.data === undefined} onClick={() => void put()}>
                {t(plan.data?.replaces == null ? 'publish.folder' : 'publish.replace')}
              </Button>
            )}
          </div>
          {given.length > 0 && (
            <section>
              <h3>{t('publish.before')}</h3>
              <ul className={classes.given}>
                {given.map(({ id, version, how, at }) => (
                  <li key={id}>
                    {[version, t(how === 'folder' ? 'publish.asFolder' : 'publish.asPatch')].join(' · ')} · <Time iso={at} />
                  </li>
                ))}
              </ul>
            </section>
          )}
        </div>
      )}
    </Modal>
  );
}

function What({ source, plan, error }: { source: Source | undefined; plan: Plan | undefined; error: Error | null }) {
  if (!source?.folder) return <p>{t('publish.patchText')}</p>;
  if (error !== null) return <p role="alert">{error.message}</p>;
  if (plan === undefined) return <Skeleton height={44} radius={10} />;
  return (
    <p>
      {t('publish.folderText', { place: plan.files[0]?.replace(/\/[^/]*$/, '') ?? '' })}{' '}
      {plan.replaces !== null && t('publish.replaces', { version: plan.replaces })}
    </p>
  );
}
