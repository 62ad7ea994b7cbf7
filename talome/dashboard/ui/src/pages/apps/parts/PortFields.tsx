import { TextInput } from '@mantine/core';
import type { AppPort } from '@/domain/apps';
import { t } from '@/i18n';
import { portComplaints } from './answers';
import classes from './Parts.module.css';

interface Props {
  ports: AppPort[];
  typed: Record<string, string>;
  /** What the server said about the ports. */
  refused?: string;
  onType: (key: string, text: string) => void;
}

function wordsOf({ key, protocol }: AppPort): string {
  const [service = '', target = ''] = key.split('/');
  return t(protocol === 'udp' ? 'ports.ofUdp' : 'ports.of', { service, target });
}

/** The numbers of an app's doors on this machine. */
export function PortFields({ ports, typed, refused, onType }: Props) {
  const complaints = portComplaints(ports, typed);
  return (
    <>
      <div className={classes.ports}>
        {ports.map((port) => {
          const complaint = complaints[port.key];
          return (
            <TextInput
              key={port.key}
              label={wordsOf(port)}
              inputMode="numeric"
              autoComplete="off"
              maxLength={5}
              value={typed[port.key] ?? String(port.port)}
              error={complaint && t(complaint)}
              onChange={(event) => onType(port.key, event.currentTarget.value)}
            />
          );
        })}
      </div>
      {refused !== undefined && (
        <p className={classes.refused} role="alert">
          {refused}
        </p>
      )}
    </>
  );
}
