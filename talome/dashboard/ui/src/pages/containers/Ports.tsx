import { Popover, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { Container, Port } from '@/api/types';
import { internalPorts, publishedPorts, urlOf } from '@/domain/containers';
import { t } from '@/i18n';
import classes from './Containers.module.css';

const SHOWN = 3;

/** The published ports, the first three at once; a web port opens in a new tab. */
export function Ports({ container, name }: { container: Container; name: string }) {
  const published = publishedPorts(container);
  const internal = internalPorts(container);
  const hidden = published.length > SHOWN ? published.slice(SHOWN).length : 0;
  if (published.length === 0 && internal.length === 0) return <span className="dim">–</span>;
  return (
    <span className={classes.ports}>
      {published.slice(0, SHOWN).map((port) => (
        <PortTag key={`${port.host}/${port.protocol}`} port={port} running={container.state === 'running'} />
      ))}
      {published.length === 0 && (
        <span className={classes.internal} title={t('containers.internalPort', { port: internal[0]?.container ?? '' })}>
          {internal.slice(0, SHOWN).map(label).join(', ')}
        </span>
      )}
      {hidden > 0 && <AllPorts container={container} name={name} hidden={hidden} />}
    </span>
  );
}

const label = ({ host, container, protocol }: Port) => {
  const inside = host === null || host === container ? `${container}` : `${host}→${container}`;
  return protocol === 'tcp' ? inside : `${inside}/${protocol}`;
};

function PortTag({ port, running }: { port: Port; running: boolean }) {
  const url = running ? urlOf(port) : null;
  if (url === null) return <span className={classes.port}>{label(port)}</span>;
  return (
    <a
      className={classes.port}
      href={url}
      target="_blank"
      rel="noopener noreferrer"
      title={t('containers.openPort', { port: String(port.host) })}
    >
      {label(port)}
    </a>
  );
}

function AllPorts({ container, name, hidden }: { container: Container; name: string; hidden: number }) {
  const [opened, setOpened] = useState(false);
  const title = t('containers.allPorts', { name });
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton className={classes.morePorts} onClick={() => setOpened(!opened)}>
          {t('containers.morePorts', { count: hidden })}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown maw={280} aria-label={title}>
        <span className={classes.portsAll} tabIndex={-1} data-autofocus>
          {[...publishedPorts(container), ...internalPorts(container)].map((port) => (
            <PortTag
              key={`${port.host}-${port.container}/${port.protocol}`}
              port={port}
              running={container.state === 'running'}
            />
          ))}
        </span>
      </Popover.Dropdown>
    </Popover>
  );
}
