import { Button } from '@mantine/core';
import { IconDeviceDesktop, IconDeviceMobile, IconSend } from '@tabler/icons-react';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { PushDevice } from '@/api/types';
import { Time } from '@/components/Time';
import { toast, toastError } from '@/components/toasts';
import { t } from '@/i18n';
import classes from './Notifications.module.css';
import { remove } from './push';

interface Props {
  devices: PushDevice[];
  onChange: () => Promise<void>;
}

/** The devices that are told, each to be removed, and a test to all of them. */
export function Devices({ devices, onChange }: Props) {
  const [testing, setTesting] = useState(false);
  if (devices.length === 0) return null;
  const test = async () => {
    setTesting(true);
    try {
      const { delivered, failed } = await unwrap(api.POST('/api/push/test', { body: {} }));
      if (delivered > 0) toast({ tone: 'ok', title: t('push.tested', { count: delivered }) });
      for (const { device, reason } of failed) {
        toast({ tone: 'danger', title: t('push.testFailed'), text: `${device}: ${reason}` });
      }
    } catch (error) {
      toastError(t('push.testFailed'), error);
    } finally {
      setTesting(false);
      await onChange();
    }
  };
  const onRemove = async ({ id, device, current }: PushDevice) => {
    try {
      await remove(id, current);
      toast({ tone: 'ok', title: t('push.removed', { device }) });
    } catch (error) {
      toastError(t('push.removeOf', { device }), error);
    }
    await onChange();
  };
  return (
    <>
      <h3 className={classes.subheading}>{t('push.devices')}</h3>
      <ul className={classes.rows}>
        {devices.map((device) => (
          <DeviceRow key={device.id} device={device} onRemove={() => void onRemove(device)} />
        ))}
      </ul>
      <div>
        <Button
          variant="default"
          leftSection={<IconSend size={16} />}
          loading={testing}
          onClick={() => void test()}
        >
          {t('push.test')}
        </Button>
      </div>
    </>
  );
}

function DeviceRow({ device, onRemove }: { device: PushDevice; onRemove: () => void }) {
  const Icon = /iPhone|iPad|Android/.test(device.device) ? IconDeviceMobile : IconDeviceDesktop;
  return (
    <li className={classes.row}>
      <Icon size={20} stroke={1.75} aria-hidden />
      <div className={classes.words}>
        <strong dir="auto">{device.device}</strong>
        <span>
          {device.current && `${t('push.thisDevice')} · `}
          {device.lastUsedAt === null ? (
            t('push.neverUsed')
          ) : (
            <>
              {t('push.lastUsed')} <Time iso={device.lastUsedAt} />
            </>
          )}
        </span>
      </div>
      <Button size="xs" variant="default" aria-label={t('push.removeOf', { device: device.device })} onClick={onRemove}>
        {t('push.remove')}
      </Button>
    </li>
  );
}
