import { Button, Switch } from '@mantine/core';
import { IconBell, IconBellRinging } from '@tabler/icons-react';
import { useState } from 'react';
import type { PushState } from '@/api/types';
import { toast, toastError } from '@/components/toasts';
import { t } from '@/i18n';
import classes from './Notifications.module.css';
import { ability, chooseEverything, PushRefused, remove, turnOn } from './push';

interface Props {
  state: PushState;
  onChange: () => Promise<void>;
}

/** Turns notifications on and off for the browser that shows this page. */
export function ThisDevice({ state, onChange }: Props) {
  const [busy, setBusy] = useState(false);
  const current = state.subscriptions.find((device) => device.current);

  const run = async (what: string, work: () => Promise<void>, done?: string) => {
    setBusy(true);
    try {
      await work();
      if (done !== undefined) toast({ tone: 'ok', title: done });
    } catch (error) {
      if (error instanceof PushRefused) toast({ tone: 'danger', title: what, text: t(reasonOf()) });
      else toastError(what, error);
    } finally {
      await onChange();
      setBusy(false);
    }
  };
  if (current === undefined) {
    const on = () => void run(t('push.failed'), () => turnOn(state.publicKey, false), t('push.turnedOn'));
    return (
      <div className={classes.card}>
        <IconBell size={20} stroke={1.75} aria-hidden />
        <div className={classes.words}>
          <strong>{t('push.off')}</strong>
          <div className={classes.actions}>
            <Button loading={busy} onClick={on}>
              {t('push.turnOn')}
            </Button>
          </div>
        </div>
      </div>
    );
  }
  const off = () => void run(t('push.offFailed'), () => remove(current.id, true), t('push.turnedOff'));
  const choose = (everything: boolean) => void run(t('push.failed'), () => chooseEverything(everything));
  return (
    <div className={classes.card}>
      <IconBellRinging size={20} stroke={1.75} aria-hidden className={classes.on} />
      <div className={classes.words}>
        <strong>{t('push.on')}</strong>
        <Switch
          className={classes.choice}
          label={t('push.everything')}
          description={t('push.everythingHelp')}
          checked={current.everything}
          disabled={busy}
          onChange={(event) => choose(event.currentTarget.checked)}
        />
        <div className={classes.actions}>
          <Button variant="default" loading={busy} onClick={off}>
            {t('push.turnOff')}
          </Button>
        </div>
      </div>
    </div>
  );
}

const reasonOf = () => (ability() === 'blocked' ? 'push.blockedDo' : 'push.browserRefused');
