import './texts';
import { createRoot } from 'react-dom/client';
import { Frame } from '@/components/Frame';
import { Gate } from './Gate';

/** Shows sign-in or the first-run setup, and the dashboard after it. */
export function startGate(element: HTMLElement): void {
  const root = createRoot(element);
  const enter = async () => {
    const { startApp } = await import('@/app/start');
    root.unmount();
    await startApp(element);
  };
  root.render(
    <Frame>
      <Gate onEnter={() => void enter()} />
    </Frame>,
  );
}
