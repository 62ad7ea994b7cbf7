import type { Container } from '@/api/types';
import { Connections, Storage } from './Connections';
import { ConsoleTab } from './ConsoleTab';
import { DetailPart } from './DetailPart';
import { Environment } from './Environment';
import { EventsTab } from './EventsTab';
import { InspectTab } from './InspectTab';
import type { Tab } from './ContainerPage';

/** The parts of the page that are looked at less often. */
export function Rest({ container, tab }: { container: Container; tab: Exclude<Tab, 'overview' | 'logs'> }) {
  switch (tab) {
    case 'environment':
      return <DetailPart container={container}>{(detail) => <Environment detail={detail} />}</DetailPart>;
    case 'mounts':
      return <DetailPart container={container}>{(detail) => <Storage detail={detail} />}</DetailPart>;
    case 'networks':
      return <DetailPart container={container}>{(detail) => <Connections detail={detail} />}</DetailPart>;
    case 'events':
      return <EventsTab container={container} />;
    case 'inspect':
      return <InspectTab container={container} />;
    case 'console':
      return <ConsoleTab container={container} />;
  }
}
