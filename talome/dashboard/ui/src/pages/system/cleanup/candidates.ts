import { useState } from 'react';
import type { components } from '@/api/schema';
import type { Ticks } from '@/components/dataList';
import { t } from '@/i18n';

type Schemas = components['schemas'];

/** Something that could go. */
export interface Candidate {
  id: string;
  name: string;
  detail: string | null;
  sizeBytes: number | null;
  createdAt: string | null;
}

const shortId = (id: string): string => id.replace('sha256:', '').slice(0, 12);

/** Images that no container stands on: those without a name, with `tagged` all of them. */
export const imageCandidates = (images: Schemas['Image'][], tagged: boolean): Candidate[] =>
  images
    .filter((image) => image.containers.length === 0 && (tagged || image.dangling))
    .map(({ id, tags, sizeBytes, createdAt }) => ({
      id,
      name: tags.join(', ') || shortId(id),
      detail: tags.length === 0 ? t('image.noName') : null,
      sizeBytes,
      createdAt,
    }));

/** Volumes that no container names, running or not. */
export const volumeCandidates = (volumes: Schemas['Volume'][]): Candidate[] =>
  volumes
    .filter(({ usedBy }) => usedBy.length === 0)
    .map(({ name, anonymous, sizeBytes, createdAt }) => ({
      id: name,
      name: anonymous ? shortId(name) : name,
      detail: anonymous ? t('volume.anonymous') : null,
      sizeBytes,
      createdAt,
    }));

/** What is ticked. `initially` holds for what nobody has decided on yet, also when it appears later. */
export function useTicks(candidates: Candidate[], initially: boolean): Ticks {
  const [decided, setDecided] = useState<ReadonlyMap<string, boolean>>(new Map());
  return {
    // What has a name may be meant to stay, so it is never chosen without being asked for.
    has: (key) => decided.get(key) ?? (initially && candidates.some(({ id, detail }) => id === key && detail !== null)),
    set: (keys, on) => setDecided((known) => new Map([...known, ...keys.map((key) => [key, on] as const)])),
    label: (key) => t('cleanup.select', { name: candidates.find(({ id }) => id === key)?.name ?? key }),
  };
}

export const sizeOf = (candidates: Candidate[]): number =>
  candidates.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
