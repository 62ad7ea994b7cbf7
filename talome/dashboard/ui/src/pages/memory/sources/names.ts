import type { components } from '@/api/schema';
import type { State } from '@/domain/containers';
import { t } from '@/i18n';

type Schemas = components['schemas'];
export type Source = Schemas['Source'];
export type SourceDocument = Schemas['Document'];
export type Chunk = Schemas['DocumentChunk'];
export type CitedChunk = Schemas['CitedChunk'];

export const isBusy = ({ state }: Source): boolean => state === 'waiting' || state === 'reading';

export function stateOf({ state }: Source): State {
  switch (state) {
    case 'waiting':
      return { tone: 'info', label: t('material.waiting') };
    case 'reading':
      return { tone: 'info', label: t('material.reading') };
    case 'failed':
      return { tone: 'danger', label: t('material.failed') };
    default:
      return { tone: 'ok', label: t('material.ready') };
  }
}
