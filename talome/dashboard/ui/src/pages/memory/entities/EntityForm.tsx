import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { FormDialog } from '@/components/FormDialog';
import { t } from '@/i18n';
import { usePlaces } from '../places';
import type { Entity } from './EntitiesTab';

interface Props {
  /** Null for a new one. */
  entity: Entity | null;
  onSaved: () => Promise<void>;
  onClose: () => void;
}

const TYPES = ['person', 'device', 'place', 'app', 'project', 'company', 'thing'];
const order = ['label', 'input', 'description', 'error'] as ('label' | 'input' | 'description' | 'error')[];

/** Adds somebody or something that notes are about, or changes it. */
export default function EntityForm({ entity, onSaved, onClose }: Props) {
  const [name, setName] = useState(entity?.name ?? '');
  const [type, setType] = useState(entity?.type ?? 'person');
  const [aliases, setAliases] = useState(entity?.aliases.join(', ') ?? '');
  const [description, setDescription] = useState(entity?.description ?? '');
  const [place, setPlace] = useState('');
  const [problem, setProblem] = useState<Record<string, string>>({});
  const places = usePlaces();
  const save = async (): Promise<boolean> => {
    if (name.trim() === '') {
      setProblem({ name: t('memory.needed') });
      return false;
    }
    const others = aliases.split(',').map((each) => each.trim()).filter(Boolean);
    const body = { name: name.trim(), type, aliases: others, description: description.trim() };
    try {
      if (entity === null) await unwrap(api.POST('/v1/memory/entities', { body: { ...body, workspace_id: place || null } }));
      else await unwrap(api.PATCH('/v1/memory/entities/{id}', { params: { path: { id: entity.id } }, body }));
    } catch (error) {
      if (!(error instanceof ApiError) || error.field === null) throw error;
      setProblem({ [error.field]: error.message });
      return false;
    }
    await onSaved();
    return true;
  };
  return (
    <FormDialog
      title={entity === null ? t('memory.entity.add') : t('memory.editOf', { name: entity.name })}
      submitLabel={t('memory.save')}
      onSubmit={save}
      onClose={onClose}
    >
      <TextInput
        label={t('memory.entity.name')}
        value={name}
        maxLength={200}
        error={problem.name}
        onChange={(event) => {
          setName(event.currentTarget.value);
          setProblem({});
        }}
        data-autofocus
      />
      <NativeSelect
        label={t('memory.entity.type')}
        value={type}
        onChange={(event) => setType(event.currentTarget.value)}
        data={[...new Set([...TYPES, type])]}
      />
      <TextInput
        label={t('memory.entity.aliases')}
        description={t('memory.entity.aliasesHelp')}
        inputWrapperOrder={order}
        value={aliases}
        error={problem.aliases}
        onChange={(event) => setAliases(event.currentTarget.value)}
      />
      <Textarea
        label={t('memory.entity.description')}
        rows={3}
        maxLength={2000}
        value={description}
        error={problem.description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      {entity === null && places.length > 1 && (
        <NativeSelect label={t('memory.place')} value={place} onChange={(event) => setPlace(event.currentTarget.value)} data={places} />
      )}
    </FormDialog>
  );
}
