import { NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { FormDialog } from '@/components/FormDialog';
import { t } from '@/i18n';
import { nameOf } from '../notes/names';
import type { Entity } from './EntitiesTab';

interface Props {
  entity: Entity;
  entities: Entity[];
  onSaved: () => Promise<void>;
  onClose: () => void;
}

/** Ties an entity to another one or to a note; both lie in the same part of the memory. */
export default function LinkForm({ entity, entities, onSaved, onClose }: Props) {
  const notes = useQuery({
    queryKey: ['memory', 'notes', 'latest', entity.workspace_id],
    queryFn: () => unwrap(api.GET('/v1/memory/notes', { params: { query: { limit: 100, ...(entity.workspace_id && { workspace_id: entity.workspace_id }) } } })),
  });
  const [relation, setRelation] = useState('related_to');
  const [target, setTarget] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const near = <T extends { id: string; workspace_id: string | null }>(all: T[]) =>
    all.filter(({ id, workspace_id }) => workspace_id === entity.workspace_id && id !== entity.id);
  const save = async (): Promise<boolean> => {
    if (target === '') {
      setProblem(t('memory.needed'));
      return false;
    }
    const type = entities.some(({ id }) => id === target) ? ('entity' as const) : ('note' as const);
    try {
      await unwrap(
        api.POST('/v1/memory/links', {
          body: { source: { type: 'entity', id: entity.id }, target: { type, id: target }, relation: relation.trim().toLowerCase().replace(/\s+/g, '_') },
        }),
      );
    } catch (error) {
      if (!(error instanceof ApiError) || error.field === null) throw error;
      setProblem(error.message);
      return false;
    }
    await onSaved();
    return true;
  };
  return (
    <FormDialog title={t('memory.entity.linkOf', entity)} submitLabel={t('memory.entity.link')} onSubmit={save} onClose={onClose}>
      <TextInput label={t('memory.entity.relation')} value={relation} maxLength={60} autoCapitalize="none" onChange={(event) => setRelation(event.currentTarget.value)} data-autofocus />
      <NativeSelect
        label={t('memory.entity.target')}
        value={target}
        error={problem}
        onChange={(event) => {
          setTarget(event.currentTarget.value);
          setProblem(null);
        }}
        data={[
          { value: '', label: t('memory.entity.choose') },
          { group: t('memory.entities'), items: near(entities).map(({ id, name }) => ({ value: id, label: name })) },
          { group: t('memory.notes'), items: near(notes.data?.data ?? []).map((note) => ({ value: note.id, label: nameOf(note) })) },
        ]}
      />
    </FormDialog>
  );
}
