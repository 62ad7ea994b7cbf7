import type { Container } from '@/api/types';
import { LogPanel } from './LogPanel';

/** The log of one container, as a part of its page. */
export const LogTab = ({ container }: { container: Container }) => <LogPanel containers={[container]} />;
