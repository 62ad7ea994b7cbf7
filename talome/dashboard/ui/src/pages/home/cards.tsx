import { lazy, type ReactNode, Suspense } from 'react';
import type { Place, User, Widget } from '@/api/types';
import { may } from '@/app/pages';
import { type PlainKey, t } from '@/i18n';
import { Attention } from './Attention';
import { FigureCard } from './FigureCard';
import { Launcher } from './Launcher';
import { Sensors } from './Sensors';

const Activity = lazy(() => import('./Activity'));
const OwnWidget = lazy(() => import('./widgets/OwnWidget'));

interface Builtin {
  title: PlainKey;
  /** One of these rights is enough. */
  scopes: string[];
  render: (size: Place['size']) => ReactNode;
}

const BUILTINS: Record<string, Builtin> = {
  'builtin:launcher': { title: 'home.launcher', scopes: ['containers:read'], render: () => <Launcher /> },
  'builtin:attention': { title: 'home.attention', scopes: ['system:read', 'containers:read'], render: () => <Attention /> },
  'builtin:cpu': { title: 'home.cpu', scopes: ['system:read'], render: (size) => <FigureCard series="cpu" size={size} /> },
  'builtin:memory': { title: 'home.memory', scopes: ['system:read'], render: (size) => <FigureCard series="memory" size={size} /> },
  'builtin:disk': { title: 'home.disk', scopes: ['system:read'], render: (size) => <FigureCard series="disk" size={size} /> },
  'builtin:network': { title: 'home.network', scopes: ['system:read'], render: (size) => <FigureCard series="down" size={size} /> },
  'builtin:sensors': { title: 'home.sensors', scopes: ['system:read'], render: () => <Sensors /> },
  'builtin:activity': { title: 'home.activity', scopes: ['jobs:read', 'audit:read'], render: () => <Suspense><Activity /></Suspense> },
};

/** Whether a card is one that this person may see; one's own always are. */
export function mayShow(id: string, user: User): boolean {
  if (!id.startsWith('builtin:')) return true;
  return BUILTINS[id]?.scopes.some((scope) => may(user, scope)) ?? false;
}

export function titleOfCard(id: string, widgets: Widget[]): string {
  const builtin = BUILTINS[id];
  return builtin ? t(builtin.title) : (widgets.find((widget) => widget.id === id)?.manifest.title ?? id);
}

/** The card of a place. */
export function Card({ place, widgets }: { place: Place; widgets: Widget[] }) {
  const builtin = BUILTINS[place.id];
  if (builtin) return builtin.render(place.size);
  const widget = widgets.find(({ id }) => id === place.id);
  return widget === undefined ? null : (
    <Suspense>
      <OwnWidget widget={widget} size={place.size} />
    </Suspense>
  );
}
