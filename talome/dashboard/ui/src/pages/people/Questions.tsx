import { useEffect, useRef, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { Confirm } from '@/components/Confirm';
import { t } from '@/i18n';
import type { Open } from './PeoplePage';
import { nameOf, type usePeople } from './usePeople';

export type Question = 'disable' | 'enable' | 'delete' | 'removeFactor';

interface Props {
  open: Open;
  act: ReturnType<typeof usePeople>['act'];
  onClose: () => void;
}

/** The one confirmation of what is done to a person; it says what goes. Letting somebody in again needs none. */
export default function Questions({ open: { what, user }, act, onClose }: Props) {
  const [busy, setBusy] = useState(false);
  const begun = useRef(false);
  const name = nameOf(user);
  const params = { path: { id: user.id } };
  const run = async (title: string, done: string, send: () => Promise<unknown>) => {
    setBusy(true);
    await act(title, done, send);
    onClose();
  };
  const disable = (disabled: boolean) => () => unwrap(api.PUT('/api/users/{id}', { params, body: { disabled } }));

  useEffect(() => {
    if (what !== 'enable' || begun.current) return;
    begun.current = true;
    void act(t('people.enable'), t('people.enabledDone', { name }), disable(false)).then(onClose);
  });
  if (what === 'disable') {
    const title = t('people.disableOf', { name });
    return (
      <Confirm
        title={title}
        confirmLabel={t('people.disable')}
        dangerous
        busy={busy}
        onConfirm={() => void run(title, t('people.disabledDone', { name }), disable(true))}
        onClose={onClose}
      >
        {t('people.disableText', { name })}
      </Confirm>
    );
  }
  if (what === 'removeFactor') {
    const title = t('people.removeFactorOf', { name });
    const send = () => unwrap(api.DELETE('/api/users/{id}/second-factors', { params }));
    return (
      <Confirm
        title={title}
        confirmLabel={t('people.removeFactor')}
        dangerous
        busy={busy}
        onConfirm={() => void run(title, t('people.factorRemoved', { name }), send)}
        onClose={onClose}
      >
        {t('people.removeFactorText')}
      </Confirm>
    );
  }
  if (what !== 'delete') return null;
  const title = t('people.deleteOf', { name });
  return (
    <Confirm
      title={title}
      confirmLabel={t('people.delete')}
      dangerous
      busy={busy}
      onConfirm={() => void run(title, t('people.deleted', { name }), () => unwrap(api.DELETE('/api/users/{id}', { params })))}
      onClose={onClose}
    >
      {t('people.deleteText', { name })}
    </Confirm>
  );
}
